import { useEffect, useRef, useState } from 'react'
import { sentenceOf } from '../../api/client.ts'
import type { Artifact } from '../../api/types.ts'
import { type Upload, upload } from '../../api/upload.ts'
import { AttachIcon, CrossIcon, FileIcon } from '../../app/icons.tsx'
import css from './form.module.css'
import { Labelled, type LabelledProps, labelledBy } from './labelled.tsx'

interface Props {
  labelled: LabelledProps
  /** The name of the file that is there. */
  value: string
  onFile: (file: Artifact) => void
  onRemove: () => void
  onBusy: (isBusy: boolean) => void
}

/** A file goes up as soon as it is chosen; the form has its name then. */
export function FileField({ labelled, value, onFile, onRemove, onBusy }: Props) {
  const { id, required } = labelled
  const input = useRef<HTMLInputElement>(null)
  const { going, problem, start, stop } = useUpload(onFile, onBusy)
  const shown = going?.name ?? value
  const choose = (): void => input.current?.click()
  return (
    <Labelled {...labelled} error={problem ?? labelled.error}>
      <div
        className={css.file}
        data-empty={shown === '' || undefined}
        data-problem={(problem ?? labelled.error) || undefined}
      >
        {shown === '' ? (
          <button type="button" id={id} className={css.choose} onClick={choose} {...labelledBy(labelled)}>
            <AttachIcon size={18} />
            Choose a file{required ? '' : ' (optional)'}
          </button>
        ) : (
          <>
            <FileIcon size={18} className={css.fileIcon} />
            <span className={css.fileName} title={shown}>
              {shown}
            </span>
            {going ? (
              <span className={css.share}>{Math.round(going.share * 100)} %</span>
            ) : (
              <button type="button" id={id} className={css.quiet} onClick={choose}>
                Change
              </button>
            )}
            <button
              type="button"
              className={css.quiet}
              aria-label={`Remove ${shown}`}
              title="Remove"
              onClick={going ? stop : onRemove}
            >
              <CrossIcon size={16} />
            </button>
          </>
        )}
        {going && <progress className={css.bar} value={going.share} max={1} aria-label={`Uploading ${going.name}`} />}
        <input
          ref={input}
          type="file"
          hidden
          aria-label={labelled.label}
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? []
            if (file) start(file)
            // The same file may be chosen again after it was removed.
            event.currentTarget.value = ''
          }}
        />
      </div>
    </Labelled>
  )
}

function useUpload(onFile: (file: Artifact) => void, onBusy: (isBusy: boolean) => void) {
  const [going, setGoing] = useState<{ name: string; share: number }>()
  const [problem, setProblem] = useState<string>()
  const running = useRef<Upload>(undefined)
  const end = (): void => {
    running.current = undefined
    setGoing(undefined)
    onBusy(false)
  }
  const start = (file: File): void => {
    running.current?.cancel()
    setProblem(undefined)
    setGoing({ name: file.name, share: 0 })
    onBusy(true)
    const mine = upload(file, (share) => setGoing({ name: file.name, share }))
    running.current = mine
    mine.done.then(
      (artifact) => {
        if (running.current !== mine) return
        end()
        onFile(artifact)
      },
      (error) => {
        if (running.current !== mine) return
        end()
        setProblem(sentenceOf(error))
      },
    )
  }
  const stop = (): void => {
    const mine = running.current
    end()
    mine?.cancel()
  }
  useEffect(() => () => running.current?.cancel(), [])
  return { going, problem, start, stop }
}
