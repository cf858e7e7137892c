import type { Reader } from '#db/db.ts'
import { accountById } from '../accounts/account.ts'
import { cut } from '../cut.ts'
import type { EventView } from './view.ts'

const DETAIL_MOST = 120
const LINE_MOST = 500

/** Events as lines that people read: when, who, what, of which, and what else is known. */
export async function humanLog(on: Reader, events: readonly EventView[]): Promise<string[]> {
  const names = await namesOf(on, events)
  return events.map((event) => lineOf(event, names))
}

function lineOf({ ts, type, actor, subject, details }: EventView, names: ReadonlyMap<string, string>): string {
  const { title, resource, text, ...rest } = details
  const what = words(title ?? resource ?? names.get(subject) ?? subject)
  const facts = Object.entries(rest)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name} ${cutTo(names.get(String(value)) ?? words(value), DETAIL_MOST)}`)
  const said = text === undefined ? '' : `: ${cutTo(words(text), DETAIL_MOST)}`
  const more = facts.length > 0 ? ` (${facts.join(', ')})` : ''
  const line = `${ts.slice(0, 19).replace('T', ' ')}  ${names.get(actor) ?? actor}  ${phrase(type)} ${what}${said}${more}`
  return cutTo(oneLine(line), LINE_MOST)
}

/** `task.moved` → `task moved`. */
const phrase = (type: string): string => type.replaceAll(/[._]/g, ' ')

const words = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const cutTo = (text: string, most: number): string => (text.length > most ? `${cut(text, most)}…` : text)

/** People wrote parts of it: nothing in it ends a line, or moves a terminal's cursor. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ')

async function namesOf(on: Reader, events: readonly EventView[]): Promise<Map<string, string>> {
  const ids = new Set(
    events.flatMap(({ actor, subject, details }) => [actor, subject, ...Object.values(details).map(String)]),
  )
  const names = new Map<string, string>()
  for (const id of ids) {
    const account = /^acc_[\w-]+$/.test(id) ? await accountById(on, id) : undefined
    if (account) names.set(id, `@${account.handle}`)
  }
  return names
}
