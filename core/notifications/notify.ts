import type { Tx } from '#db/db.ts'
import { findNotified, findTold, insertNotification, type NotificationRow } from '#db/notifications.ts'
import { findTeam } from '#db/teams.ts'
import { type Part, type Reply, text } from '../chat/message.ts'
import { type Context, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { cut } from '../cut.ts'
import { settingsOf as settingsOfTeam } from '../teams/settings.ts'
import type { Address, Place } from './addresses.ts'
import { wakeHeldAt } from './held-key.ts'
import { type KeptPlace, placesOf, send } from './send.ts'
import { type NotificationSettings, settingsOf } from './settings.ts'
import { mayStillHear } from './still-news.ts'
import { type NotificationType, type Priority, TYPES } from './types.ts'
import { type Way, wayOf } from './way.ts'

type Needs = Pick<Core, 'ids' | 'clock' | 'queue'>

/** Something there is to tell a person. */
export interface News {
  accountId: string
  type: NotificationType
  /** Where it happened: nobody hears about a team they are not in any more. */
  context: Context
  /** What it is about: the id of a run, a review, a request, an invitation, a schedule, a team. */
  cause: string
  /** In one line. */
  text: string
  /** The message, when it is more than that line. */
  reply?: Reply
  /** Instead of a message: a card, which is answered in place and brought up to date wherever it was shown. */
  cardKey?: string
  /** When it is not what is usual for the type. */
  priority?: Priority
  /** Where it belongs, for who has not chosen channels. */
  place?: Place
  /** The conversation it belongs to: whoever is written to in the place around it is written to in this thread of it. */
  thread?: Address
  /** The same again within the hour only stands in the person's list. */
  fold?: string
}

const FOLD_MS = 3_600_000
/** Of what a list shows of each. */
const LINE_MOST = 300

/**
 * Tells somebody something, in the transaction in which it happens: what is kept of it can be read in the console, and it
 * goes out, waits or is left at that by what the person has chosen. Closed accounts hear nothing, and of a team only who is
 * in it.
 */
export async function notify(core: Needs, tx: Tx, news: News): Promise<void> {
  const nowMs = core.clock.nowMs()
  const person = await findNotified.first(tx, news)
  if (!person || person.disabled_at_ms !== null) return
  const settings = settingsOf(person.settings_json)
  const priority = news.priority ?? TYPES[news.type].priority
  const isMuted = await isMutedByTeam(tx, news, settings)
  const chosen = wayOf({ ...news, priority }, settings, { timeZone: person.time_zone, isMuted, nowMs })
  const isOff = chosen.state === 'listed'
  const way: Way = !isOff && (await wasTold(tx, news, nowMs)) ? { state: 'listed' } : chosen
  const line = inOneLine(news.text)
  const row: NotificationRow = {
    id: core.ids.newId('ntf'),
    account_id: news.accountId,
    type: news.type,
    priority,
    context: contextKey(news.context),
    cause: news.cause,
    text: line,
    parts_json: news.cardKey || (!news.reply && line === news.text) ? null : JSON.stringify(partsOf(news)),
    card_key: news.cardKey ?? null,
    place_json: placeJson(news),
    fold_key: news.fold ?? null,
    state: way.state,
    hold: way.state === 'held' ? way.hold : null,
    due_at_ms: way.state === 'held' ? way.dueAtMs : null,
    created_at_ms: nowMs,
    // What somebody does not want to hear of is nothing new to them.
    read_at_ms: isOff ? nowMs : null,
  }
  if (!(await mayStillHear(tx, row))) return
  await insertNotification.run(tx, row)
  if (way.state === 'out') await send(core, tx, row, await placesOf(tx, row, settings))
  if (way.state === 'held') await wakeHeldAt(core, tx, news.accountId, way.dueAtMs)
}

function placeJson({ place, thread }: News): string | null {
  if (place) return JSON.stringify(place)
  return thread ? JSON.stringify({ ...thread, isThread: true } satisfies KeptPlace) : null
}

const partsOf = ({ reply, text: words }: News): Part[] => reply?.parts ?? [text(words)]

function inOneLine(words: string): string {
  const line = words.replaceAll(/\s+/g, ' ').trim()
  return line.length > LINE_MOST ? `${cut(line, LINE_MOST)}…` : line
}

/** What members hear of where they have not said otherwise, is the team's choice. */
async function isMutedByTeam(tx: Tx, { type, context }: News, { types }: NotificationSettings): Promise<boolean> {
  if (context.type === 'user' || TYPES[type].needsAnswer || types[type].deliver !== null) return false
  const team = await findTeam.first(tx, { id: context.id })
  return team !== undefined && settingsOfTeam(team.settings_json).notifications[type] === false
}

const wasTold = async (tx: Tx, { accountId, fold }: News, nowMs: number): Promise<boolean> =>
  fold !== undefined && (await findTold.first(tx, { accountId, foldKey: fold, sinceMs: nowMs - FOLD_MS })) !== undefined
