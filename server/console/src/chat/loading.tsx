import { Skeleton } from '@mantine/core'
import css from './message-list.module.css'

const WIDTHS = ['46%', '72%', '30%', '64%']

/** Grey lines where messages will be. */
export function ChatLoading() {
  return (
    <div className={css.loading} role="status" aria-label="Loading the conversation" data-testid="chat-loading">
      {WIDTHS.map((width, index) => (
        <Skeleton key={width} height={index % 2 ? 64 : 38} width={width} ml={index % 2 ? 44 : 'auto'} radius={14} />
      ))}
    </div>
  )
}
