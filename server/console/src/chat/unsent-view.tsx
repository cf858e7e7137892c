import { AlertIcon } from '../app/icons.tsx'
import { formatClock, formatFull } from '../format.ts'
import css from './message.module.css'
import type { Unsent } from './outbox.ts'
import { FilePart } from './parts/file.tsx'
import { TextPart } from './parts/text.tsx'

interface Props {
  unsent: Unsent
  onRetry: (unsent: Unsent) => void
  onDiscard: (unsent: Unsent) => void
}

/** What one has written and the server has not confirmed. Stands where the message will stand. */
export function UnsentView({ unsent, onRetry, onDiscard }: Props) {
  const isFailed = unsent.state === 'failed'
  return (
    <article
      className={css.message}
      data-from="user"
      data-starts-group
      data-unsent={unsent.state}
      data-message={unsent.key}
      data-testid="message-unsent"
      aria-label="You, not confirmed yet"
      tabIndex={-1}
    >
      <div className={css.side} />
      <div className={css.body}>
        <div className={css.head}>
          <span className={css.time} title={formatFull(unsent.at)}>
            {isFailed ? formatClock(unsent.at) : 'Sending…'}
          </span>
        </div>
        <div className={css.parts}>
          {unsent.text && <TextPart text={unsent.text} style="plain" isOwn />}
          {unsent.files.map((file) => (
            <FilePart key={file.id} file={{ type: 'file', artifactId: file.id, ...file }} />
          ))}
        </div>
        {isFailed && (
          <div className={css.failed} role="alert">
            <AlertIcon size={16} />
            <span>Not sent. {unsent.reason}</span>
            <button type="button" className={css.again} onClick={() => onRetry(unsent)} data-testid="retry">
              Try again
            </button>
            <button type="button" className={css.again} onClick={() => onDiscard(unsent)} data-testid="discard">
              Discard
            </button>
          </div>
        )}
      </div>
    </article>
  )
}
