import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import type { Part } from '#core/chat/message.ts'
import { problemOf, sentenceOf, unreachable } from '../../api/client.ts'
import { ChevronIcon, DownloadIcon, FileIcon } from '../../app/icons.tsx'
import { formatSize } from '../../format.ts'
import css from './file.module.css'

type FileInfo = Part & { type: 'file' }

const PREVIEW_MAX_BYTES = 200 * 1024
const TEXT_TYPES =
  /^(?:text\/|application\/(?:json|yaml|x-yaml|xml|toml|javascript|typescript|sql|x-ndjson)\b|.*\+(?:json|xml)\b)/i

/** A file: its name and size, a download, and a look into it when it is text and not large. */
export function FilePart({ file }: { file: FileInfo }) {
  const [isOpen, setOpen] = useState(false)
  const previewId = useId()
  const canPreview = TEXT_TYPES.test(file.mediaType) && file.sizeBytes <= PREVIEW_MAX_BYTES
  const address = `/v1/artifacts/${encodeURIComponent(file.artifactId)}`
  return (
    <div className={css.file} data-testid="file">
      <div className={css.row}>
        <FileIcon className={css.icon} />
        <div className={css.name}>
          <span className={css.nameText}>{file.name}</span>
          <span className={css.size}>{formatSize(file.sizeBytes)}</span>
        </div>
        {canPreview && (
          <button
            type="button"
            className={css.action}
            aria-expanded={isOpen}
            aria-controls={previewId}
            onClick={() => setOpen(!isOpen)}
            data-testid="preview"
          >
            <ChevronIcon size={18} className={css.chevron} />
            Preview
          </button>
        )}
        <a
          className={css.action}
          href={address}
          download={file.name}
          data-testid="download"
          aria-label={`Download ${file.name}`}
          title="Download"
        >
          <DownloadIcon size={18} />
        </a>
      </div>
      <div id={previewId}>{isOpen && <Preview address={address} />}</div>
    </div>
  )
}

function Preview({ address }: { address: string }) {
  const text = useQuery({
    queryKey: ['artifact-text', address],
    queryFn: ({ signal }) => readText(address, signal),
    // Artifacts are stored by their content: the same id is the same bytes.
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (text.isError) {
    return (
      <div className={css.preview} role="alert">
        {sentenceOf(text.error)}{' '}
        <button type="button" className={css.again} onClick={() => text.refetch()}>
          Try again
        </button>
      </div>
    )
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre className={css.preview} tabIndex={0} data-testid="preview-text">
      {text.data ?? 'Loading…'}
      {text.data === '' && 'This file is empty.'}
    </pre>
  )
}

async function readText(address: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(address, { signal, credentials: 'same-origin' }).catch(() => undefined)
  if (!response) throw unreachable()
  const text = await response.text()
  if (!response.ok) throw problemOf(response.status, text, response.headers.get('x-request-id'))
  return text.slice(0, PREVIEW_MAX_BYTES)
}
