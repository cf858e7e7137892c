import type { Actor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Core } from '../core.ts'
import { type Entry, statement } from './statement.ts'

const COLUMNS = [
  'seq',
  'at',
  'kind',
  'amountUsd',
  'balanceAfterUsd',
  'who',
  'what',
  'runId',
  'reason',
  'id',
] as const satisfies (keyof Entry)[]

const PAGE_SIZE = 500

/**
 * The whole statement as CSV (RFC 4180, UTF-8, one header line), newest first, in pieces of some hundred lines so that
 * a long one never stands in memory.
 */
export async function* statementCsv(
  core: Pick<Core, 'db'>,
  actor: Pick<Actor, 'accountId'>,
  { context }: { context: Context },
): AsyncGenerator<string> {
  let page = await statement(core, actor, { context, limit: PAGE_SIZE })
  yield line(COLUMNS)
  for (;;) {
    yield page.items.map((entry) => line(COLUMNS.map((column) => cell(column, entry[column])))).join('')
    if (page.nextBeforeSeq === null) return
    page = await statement(core, actor, { context, beforeSeq: page.nextBeforeSeq, limit: PAGE_SIZE })
  }
}

const line = (cells: readonly string[]): string => `${cells.map(quoted).join(',')}\r\n`

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Words of people never become a formula when a spreadsheet opens the file. */
function cell(column: keyof Entry, value: string | number | null): string {
  const text = String(value ?? '')
  const isWords = column === 'who' || column === 'what' || column === 'reason'
  return isWords && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}
