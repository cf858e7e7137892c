import { CrossIcon, FileIcon, RetryIcon } from '../app/icons.tsx'
import { formatSize } from '../format.ts'
import css from './composer.module.css'
import type { Attachment } from './use-attachments.ts'

interface Props {
  attachments: Attachment[]
  onRemove: (key: string) => void
  onRetry: (key: string) => void
}

export function AttachmentChips({ attachments, onRemove, onRetry }: Props) {
  if (attachments.length === 0) return null
  return (
    <ul className={css.chips} aria-label="Files to send">
      {attachments.map((one) => (
        <li key={one.key} className={css.chip} data-state={one.state} data-testid="attachment">
          <FileIcon size={18} />
          <span className={css.chipName} title={one.name}>
            {one.name}
          </span>
          <span className={css.chipNote}>{noteOf(one)}</span>
          {one.state === 'failed' && (
            <button
              type="button"
              onClick={() => onRetry(one.key)}
              aria-label={`Try ${one.name} again`}
              title="Try again"
            >
              <RetryIcon size={16} />
            </button>
          )}
          <button
            type="button"
            onClick={() => onRemove(one.key)}
            aria-label={`Remove ${one.name}`}
            title="Remove"
            data-testid="attachment-remove"
          >
            <CrossIcon size={16} />
          </button>
          {one.state === 'uploading' && (
            <progress className={css.chipBar} value={one.share} max={1} aria-label={`Uploading ${one.name}`} />
          )}
        </li>
      ))}
    </ul>
  )
}

function noteOf(one: Attachment): string {
  if (one.state === 'failed') return one.problem ?? 'Failed'
  return one.state === 'uploading'
    ? `${Math.round(one.share * 100)} % of ${formatSize(one.sizeBytes)}`
    : formatSize(one.sizeBytes)
}
