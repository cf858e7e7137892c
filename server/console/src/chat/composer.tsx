import { ActionIcon, Textarea } from '@mantine/core'
import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useRef } from 'react'
import type { Artifact, CommandInfo } from '../api/types.ts'
import { AttachIcon, SendIcon } from '../app/icons.tsx'
import { AttachmentChips } from './attachment-chips.tsx'
import css from './composer.module.css'
import { ComposerHint } from './composer-hint.tsx'
import { optionId, Suggestions } from './suggestions.tsx'
import type { useAttachments } from './use-attachments.ts'
import { useFileDrop } from './use-file-drop.ts'
import { useSuggestions } from './use-suggestions.ts'

interface Props {
  text: string
  onText: (text: string) => void
  attached: ReturnType<typeof useAttachments>
  commands: CommandInfo[]
  onSend: (text: string, files: Artifact[]) => void
}

export const COMPOSER_ID = 'composer'

/** Where one writes: text, files, commands. Enter sends, Shift+Enter breaks the line. */
export function Composer({ text, onText, attached, commands, onSend }: Props) {
  const field = useRef<HTMLTextAreaElement>(null)
  const listId = useId()
  const isOver = useFileDrop(attached.add)
  const suggestions = useSuggestions({ commands, text, onComplete: onText })
  useFocusOnDesktop(field)

  const isUploading = attached.attachments.some((one) => one.state === 'uploading')
  const hasFailed = attached.attachments.some((one) => one.state === 'failed')
  const isEmpty = !text.trim() && attached.files.length === 0
  const canSend = !isEmpty && !isUploading && !hasFailed

  const send = (): void => {
    if (!canSend) return
    onSend(text.trim(), attached.files)
    onText('')
    attached.clear()
    field.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    // While an input method composes, keys are its own.
    if (event.nativeEvent.isComposing) return
    if (suggestions.onKey(event)) event.preventDefault()
    else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      send()
    }
  }
  const onPaste = (event: ClipboardEvent): void => {
    const files = [...event.clipboardData.files]
    if (files.length === 0) return
    event.preventDefault()
    attached.add(files)
  }
  const isListing = suggestions.shown.length > 0
  return (
    <form
      className={css.composer}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {isListing && (
        <Suggestions id={listId} commands={suggestions.shown} index={suggestions.index} onPick={suggestions.complete} />
      )}
      <div className={css.card} data-over={isOver || undefined}>
        <AttachmentChips attachments={attached.attachments} onRemove={attached.remove} onRetry={attached.retry} />
        <div className={css.line}>
          <AttachButton onFiles={attached.add} />
          <Textarea
            ref={field}
            id={COMPOSER_ID}
            classNames={{ root: css.field ?? '', input: css.input ?? '' }}
            variant="unstyled"
            autosize
            minRows={1}
            maxRows={12}
            value={text}
            onChange={(event) => onText(event.currentTarget.value)}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            placeholder="Message, or / for commands"
            aria-label="Message"
            aria-autocomplete="list"
            aria-controls={isListing ? listId : undefined}
            aria-activedescendant={isListing ? optionId(listId, suggestions.index) : undefined}
            enterKeyHint="send"
            data-testid="composer"
          />
          <ActionIcon
            type="submit"
            size={38}
            radius="xl"
            aria-label="Send"
            title="Send"
            aria-disabled={!canSend}
            {...(canSend ? {} : { 'data-disabled': true })}
            className={css.send ?? ''}
            data-testid="send"
          >
            <SendIcon />
          </ActionIcon>
        </div>
        {isOver && <div className={css.over}>Drop the files here</div>}
      </div>
      <ComposerHint
        text={text}
        commands={commands}
        isUploading={isUploading}
        hasFailed={hasFailed}
        count={suggestions.shown.length}
      />
    </form>
  )
}

function AttachButton({ onFiles }: { onFiles: (files: Iterable<File>) => void }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        c="var(--m-muted)"
        size={38}
        radius="xl"
        onClick={() => input.current?.click()}
        aria-label="Attach files"
        title="Attach files"
        data-testid="attach"
      >
        <AttachIcon />
      </ActionIcon>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])])
          // The same file may be chosen again after it was removed.
          event.currentTarget.value = ''
        }}
        data-testid="file-input"
      />
    </>
  )
}

/** On a phone the focus would open the keyboard over the conversation. */
function useFocusOnDesktop(field: React.RefObject<HTMLTextAreaElement | null>): void {
  useEffect(() => {
    if (window.matchMedia('(hover: hover) and (pointer: fine)').matches) field.current?.focus({ preventScroll: true })
  }, [field])
}
