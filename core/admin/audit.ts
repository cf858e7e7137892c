import { listEvents, type WideFilter } from '#db/events.ts'
import type { Actor } from '../actor.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { csvLine, csvWords } from '../csv.ts'
import { othersFirst, readForwards, STRETCH } from '../events/read.ts'
import { settledEvents } from '../events/settled.ts'
import { type EventView, eventView } from '../events/view.ts'
import { requirePlatformAdmin } from './require.ts'

export interface AuditFilter {
  context?: Context
  /** Whole types, or beginnings: `member.*`. */
  types?: readonly string[]
  /** Account id, or `system`. */
  actor?: string
  subject?: string
  fromMs?: number
  /** Before, not at. */
  beforeMs?: number
}

/**
 * Everything that was done, in every context, newest first; for platform admins. The cursor is the number of the last one
 * of the page before: what happens meanwhile moves nothing.
 */
export async function findAudit(
  core: Pick<Core, 'db'>,
  actor: Actor,
  { beforeSeq, limit, ...filter }: AuditFilter & { beforeSeq?: number; limit: number },
): Promise<{ items: EventView[]; nextCursor: string | null }> {
  requirePlatformAdmin(actor)
  const wanted = eventFilter(filter)
  const found: EventView[] = []
  let upTo = beforeSeq === undefined ? await settledEvents(core.db) : beforeSeq - 1
  for (; upTo > 0 && found.length <= limit; upTo -= STRETCH) {
    const stretch = { after: Math.max(0, upTo - STRETCH), upTo, limit: limit + 1 - found.length, newestFirst: true }
    found.push(...(await listEvents(core.db, wanted, stretch)).map(eventView))
    await othersFirst()
  }
  const items = found.slice(0, limit)
  return { items, nextCursor: found.length > limit ? String(items.at(-1)?.seq) : null }
}

const PIECE = 500

/** The same from the oldest to what has happened until now, piece by piece, so that a long one never stands in memory. */
export async function* exportAudit(
  core: Pick<Core, 'db'>,
  actor: Actor,
  { format, ...filter }: AuditFilter & { format: 'csv' | 'jsonl' },
): AsyncGenerator<string> {
  requirePlatformAdmin(actor)
  const wanted = eventFilter(filter)
  const upTo = await settledEvents(core.db)
  if (format === 'csv') yield csvLine(COLUMNS)
  for (let after = 0; after < upTo; ) {
    const { events, seen } = await readForwards(core.db, wanted, { after, upTo, limit: PIECE })
    const lines = events.map(eventView).map(format === 'csv' ? csvOf : (event) => `${JSON.stringify(event)}\n`)
    if (lines.length > 0) yield lines.join('')
    after = seen
  }
}

const COLUMNS = ['seq', 'ts', 'type', 'actor', 'context', 'subject', 'details']

/** Types, subjects and details may be words of people: none becomes a formula when a spreadsheet opens the file. */
const csvOf = ({ seq, ts, type, actor, context, subject, details }: EventView): string =>
  csvLine([
    String(seq),
    ts,
    csvWords(type),
    csvWords(actor),
    context === null ? '' : contextKey(context),
    csvWords(subject),
    csvWords(JSON.stringify(details)),
  ])

const eventFilter = ({ context, ...rest }: AuditFilter): WideFilter => ({
  ...rest,
  ...(context === undefined ? {} : { context: contextKey(context) }),
})
