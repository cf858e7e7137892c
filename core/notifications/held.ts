import type { Tx } from '#db/db.ts'
import {
  dropHeld,
  endHold,
  findNextHeld,
  findNotified,
  holdOn,
  listDue,
  type NotificationRow,
} from '#db/notifications.ts'
import { confirmClaim } from '#db/queue/claims.ts'
import type { Claim } from '#db/queue/queue.ts'
import type { Core } from '../core.ts'
import { addressesOf, chosenAddresses, type Place } from './addresses.ts'
import { accountOfHeldKey } from './held-key.ts'
import { placesOf, send, sendTogether } from './send.ts'
import { type NotificationSettings, settingsOf } from './settings.ts'
import { isStillNews, mayStillHear } from './still-news.ts'
import type { NotificationType } from './types.ts'
import { wayOf } from './way.ts'

type Needs = Pick<Core, 'db' | 'ids' | 'clock' | 'queue'>
type Making = Pick<Core, 'ids' | 'clock' | 'queue'>

/** So many in one transaction; a digest that has more comes in two messages. */
const AT_ONCE = 200
/** More messages than this at the end of quiet hours are one message. */
const ALONE_MOST = 3

/**
 * Tells one person what was held back and is due. Each is written as told together with its message and the claim, so
 * that a crash loses none and repeats none, and of several processes one does it.
 */
export async function workOnHeld(core: Needs, claim: Claim): Promise<void> {
  const accountId = accountOfHeldKey(claim.key) ?? ''
  for (let isDone = false; !isDone; ) {
    const nowMs = core.clock.nowMs()
    isDone = await core.db.write(async function tellWhatWasHeld(tx) {
      await confirmClaim(tx, claim)
      await tellDue(core, tx, accountId, nowMs)
      const next = await findNextHeld.first(tx, { accountId })
      return core.queue.release(tx, claim, next?.due_at_ms ?? null)
    })
  }
}

async function tellDue(core: Making, tx: Tx, accountId: string, nowMs: number): Promise<void> {
  const person = await findNotified.first(tx, { accountId })
  if (!person) return
  const settings = settingsOf(person.settings_json)
  const ready: NotificationRow[] = []
  for (const row of await listDue.all(tx, { accountId, nowMs, limit: AT_ONCE })) {
    const isClosed = person.disabled_at_ms !== null
    if (isClosed || !(await mayStillHear(tx, row))) await dropHeld.run(tx, row)
    else if (!(await isStillNews(tx, row, nowMs))) await endHold.run(tx, { ...row, state: 'listed', readAtMs: nowMs })
    else if (await goesOut(tx, row, settings, { timeZone: person.time_zone, nowMs })) ready.push(row)
  }
  const digest = ready.filter(({ hold }) => hold === 'digest')
  if (digest.length > 0) await tellDigest(core, tx, digest, settings)
  await tellAfterQuiet(
    core,
    tx,
    ready.filter(({ hold }) => hold === 'quiet'),
    settings,
  )
}

/** Looked at anew: the person may have chosen otherwise since, or it is quiet still. */
async function goesOut(
  tx: Tx,
  row: NotificationRow,
  settings: NotificationSettings,
  { timeZone, nowMs }: { timeZone: string; nowMs: number },
): Promise<boolean> {
  const { id, priority } = row
  const type = row.type as NotificationType
  const way = wayOf({ type, priority }, settings, { timeZone, isMuted: false, nowMs })
  if (way.state === 'listed') {
    await endHold.run(tx, { id, state: 'listed', readAtMs: nowMs })
    return false
  }
  // What was gathered until now is told now.
  const waitsOn = way.state === 'held' && !(way.hold === 'digest' && row.hold === 'digest')
  if (waitsOn) await holdOn.run(tx, { id, hold: way.hold, dueAtMs: way.dueAtMs })
  else return (await endHold.run(tx, { id, state: 'out', readAtMs: null })) > 0
  return false
}

async function tellDigest(
  core: Making,
  tx: Tx,
  rows: readonly NotificationRow[],
  { channels }: NotificationSettings,
): Promise<void> {
  const places = chosenAddresses(await addressesOf(tx, rows[0]?.account_id ?? ''), channels)
  await sendTogether(core, tx, rows, { places, title: `Your digest: ${countOf(rows)}` })
}

/** Cards are cards of their own; of the rest a few come one by one, and more of them for one place in one message. */
async function tellAfterQuiet(
  core: Making,
  tx: Tx,
  rows: readonly NotificationRow[],
  settings: NotificationSettings,
): Promise<void> {
  const groups = new Map<string, { places: Place[]; rows: NotificationRow[] }>()
  for (const row of rows) {
    const places = await placesOf(tx, row, settings)
    if (row.card_key !== null) {
      await send(core, tx, row, places)
      continue
    }
    const key = JSON.stringify(places)
    const group = groups.get(key) ?? { places, rows: [] }
    group.rows.push(row)
    groups.set(key, group)
  }
  for (const { places, rows: group } of groups.values()) {
    if (group.length > ALONE_MOST) {
      await sendTogether(core, tx, group, { places, title: `While it was quiet: ${countOf(group)}` })
    } else for (const row of group) await send(core, tx, row, places)
  }
}

const countOf = (rows: readonly unknown[]): string => (rows.length === 1 ? 'one thing' : `${rows.length} things`)
