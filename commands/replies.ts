import { type Button, type Part, privately, type Reply, reply, text } from '#core/chat/message.ts'
import { contextTitle, type Resolved } from '#core/contexts/resolve.ts'
import type { Core } from '#core/core.ts'
import { parseUsd } from '#core/money.ts'
import { payLine as costLine } from '#core/runs/pay-line.ts'

/** What every command may answer with, so that the same thing is said in the same way everywhere. */

/** The answer comes by itself: a run's card. */
export const SILENCE: Reply = { parts: [] }

export const buttons = (...list: Button[]): Part => ({ type: 'buttons', buttons: list })

export const fields = (pairs: Record<string, string | undefined>): Part => ({
  type: 'fields',
  fields: Object.entries(pairs).flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }])),
})

/** Money and other people's business: for the sender alone. */
export const privateReply = (...parts: (Part | string)[]): Reply => privately(reply(...parts))

/** Amounts as the core gives them (`"41.20"`) as people read them: `$41.20`. */
export const dollars = (usd: string): string => (usd.startsWith('-') ? `-$${usd.slice(1)}` : `$${usd}`)

export const isZero = (usd: string): boolean => /^0(\.0+)?$/.test(usd)

/** `20 Nov 2026, 10:02`, in the reader's own zone. */
export function dateTime(at: string | number, timeZone: string): string {
  const format = { timeZone, dateStyle: 'medium', timeStyle: 'short' } as const
  return new Intl.DateTimeFormat('en-GB', format).format(new Date(at))
}

/** Who pays for what was asked, and how much. */
export const payLine = (
  core: Pick<Core, 'db'>,
  resolved: Resolved,
  cost: { estimateMicros: bigint; maxMicros: bigint },
): Promise<string> => costLine(core.db, { context: resolved.context, payer: contextTitle(resolved) }, cost)

/** The `--as` that makes a button act where it was shown, whatever context its presser stands in by then. */
export const asFlag = ({ context }: Pick<Resolved, 'context'>): string =>
  context.type === 'user' ? 'personal' : `team:${context.id}`

/** An amount, or `off` for no limit; undefined when it is neither. */
export function readCap(words: string): { capUsd: string | null } | undefined {
  if (/^(off|none|no|unlimited)$/i.test(words)) return { capUsd: null }
  return parseUsd(words) === undefined ? undefined : { capUsd: words.trim().replace(/^\$/, '') }
}

/** `1 member`, `3 members`. */
export const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`

/** One line, cut to a length. */
export function shorten(words: string, most: number): string {
  const line = words.replaceAll(/\s+/g, ' ').trim()
  const characters = [...line]
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : line
}

export const muted = (words: string): Part => text(words, 'muted')
export const heading = (words: string): Part => text(words, 'strong')
