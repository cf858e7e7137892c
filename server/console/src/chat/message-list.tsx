import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { Message } from '../api/types.ts'
import { DownIcon } from '../app/icons.tsx'
import { formatDay } from '../format.ts'
import { MessageView } from './message.tsx'
import css from './message-list.module.css'
import { OlderMessages } from './older-messages.tsx'
import type { Unsent } from './outbox.ts'
import { type Row, rowsOf } from './rows.ts'
import { UnsentView } from './unsent-view.tsx'
import type { useOutbox } from './use-outbox.ts'
import { useScroll } from './use-scroll.ts'

interface Props {
  items: Message[]
  outbox: ReturnType<typeof useOutbox>
  older: Parameters<typeof OlderMessages>[0]['older']
  /** What a run writes at the moment. */
  live: string | null
  /** Shown in place of messages: loading, empty, or what went wrong. */
  instead: ReactNode
}

/** The conversation, oldest at the top. */
export function MessageList({ items, outbox, older, live, instead }: Props) {
  const { unsent } = outbox
  const rows = useMemo(() => rowsOf(items), [items])
  const version = useMemo(
    () => ({ items, unsent, live, older: older.isLoading }),
    [items, unsent, live, older.isLoading],
  )
  const { box, content, onScroll, toEnd, isAway } = useScroll(version)
  const unseen = useUnseen(items, isAway)
  useEndOnSend(unsent, toEnd)
  return (
    <div className={css.frame}>
      <section
        className={css.box}
        ref={box}
        onScroll={onScroll}
        aria-label="Conversation"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        data-testid="messages"
      >
        <div className={css.content} ref={content}>
          {items.length > 0 && <OlderMessages older={older} box={box} />}
          {items.length === 0 && unsent.length === 0 && instead}
          {rows.map((row) => (
            <RowView key={row.message.id} row={row} />
          ))}
          {live !== null && (
            <p className={css.live} data-testid="live-text">
              {live}
            </p>
          )}
          {unsent.map((one) => (
            <UnsentView key={one.key} unsent={one} onRetry={outbox.retry} onDiscard={outbox.discard} />
          ))}
        </div>
      </section>
      <button
        type="button"
        className={css.pill}
        data-shown={isAway || undefined}
        data-new={unseen > 0 || undefined}
        onClick={toEnd}
        tabIndex={isAway ? 0 : -1}
        aria-hidden={!isAway}
        data-testid="to-end"
      >
        <DownIcon size={16} />
        {unseen > 0 ? `${unseen} new ${unseen === 1 ? 'message' : 'messages'}` : 'Latest'}
      </button>
      <Announcer items={items} />
    </div>
  )
}

function RowView({ row }: { row: Row }) {
  return (
    <>
      {row.startsDay && (
        <div className={css.day}>
          <span>{formatDay(row.message.at, Date.now())}</span>
        </div>
      )}
      <MessageView message={row.message} startsGroup={row.startsGroup} />
    </>
  )
}

/** How many messages came in since the reader left the end. */
function useUnseen(items: Message[], isAway: boolean): number {
  const newest = items.at(-1)?.id
  const [seen, setSeen] = useState(newest)
  if (!isAway && seen !== newest) setSeen(newest)
  if (!isAway || seen === newest) return 0
  const index = items.findIndex((item) => item.id === seen)
  return index < 0 ? 0 : items.length - 1 - index
}

/** Who sends wants to see what they sent. */
function useEndOnSend(unsent: Unsent[], toEnd: () => void): void {
  const count = useRef(unsent.length)
  useEffect(() => {
    if (unsent.length > count.current) toEnd()
    count.current = unsent.length
  }, [unsent.length, toEnd])
}

const SAID_CHARS = 300

/** Says new messages of the bot to screen readers; edits of cards and older pages stay silent. */
function Announcer({ items }: { items: Message[] }) {
  const newest = items.at(-1)
  const first = useRef<string>(undefined)
  first.current ??= newest?.id
  const isNews = newest?.from === 'bot' && newest.id !== first.current
  return (
    <div className={css.hidden} aria-live="polite" data-testid="announcer">
      {isNews ? `Muster: ${newest.text.slice(0, SAID_CHARS)}` : ''}
    </div>
  )
}
