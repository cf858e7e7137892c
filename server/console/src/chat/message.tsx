import { memo, useMemo } from 'react'
import type { Message } from '../api/types.ts'
import { Mark } from '../app/logo.tsx'
import { formatClock, formatFull } from '../format.ts'
import { arrange } from './form/arrange.ts'
import css from './message.module.css'
import { PartView } from './part.tsx'

interface Props {
  message: Message
  startsGroup: boolean
}

/** One message. A card that is edited again and again renders alone; its neighbours stay as they are. */
export const MessageView = memo(({ message, startsGroup }: Props) => {
  const isBot = message.from === 'bot'
  const parts = useMemo(() => arrange(message.parts), [message.parts])
  return (
    <article
      className={css.message}
      data-from={message.from}
      data-starts-group={startsGroup || undefined}
      data-message={message.id}
      data-testid={`message-${message.from}`}
      aria-label={`${isBot ? 'Muster' : 'You'}, ${formatClock(message.at)}`}
      tabIndex={-1}
    >
      <div className={css.side}>{isBot && startsGroup && <Mark size={30} />}</div>
      <div className={css.body}>
        <div className={css.head}>
          {isBot && startsGroup && <span className={css.name}>Muster</span>}
          <MessageTime message={message} />
        </div>
        <div className={css.parts} data-testid="parts">
          {parts.map((part, index) => (
            // An edit replaces the parts in place; a form keeps what is typed wherever it stands.
            <PartView key={part.type === 'form' ? part.formId : index} part={part} isOwn={!isBot} />
          ))}
        </div>
      </div>
    </article>
  )
})
MessageView.displayName = 'MessageView'

/** The reader's own time; the full one, with its zone, on hover. A card's many edits are not worth a word. */
function MessageTime({ message }: { message: Message }) {
  const { at, editedAt, parts } = message
  const isCard = parts.some((part) => part.type === 'progress' || part.type === 'buttons' || part.type === 'form')
  const title = editedAt ? `${formatFull(at)}\nChanged: ${formatFull(editedAt)}` : formatFull(at)
  return (
    <span className={css.time}>
      <time dateTime={at} title={title}>
        {formatClock(at)}
      </time>
      {editedAt && !isCard && ' · edited'}
    </span>
  )
}
