import type { Connection } from '../api/stream.ts'
import css from './message-list.module.css'

/** A small word while the connection is away. It waits a moment before it shows: most breaks are over by then. */
export function ConnectionNote({ connection }: { connection: Connection }) {
  return (
    <div className={css.connection} role="status" data-state={connection} data-testid="connection">
      {connection === 'reconnecting' && <span>Reconnecting…</span>}
    </div>
  )
}
