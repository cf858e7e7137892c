import type { Actor } from '../actor.ts'
import type { Context } from '../context.ts'
import type { Core } from '../core.ts'
import { csvLine, csvWords } from '../csv.ts'
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
  yield csvLine(COLUMNS)
  for (;;) {
    yield page.items.map((entry) => csvLine(COLUMNS.map((column) => cell(column, entry[column])))).join('')
    if (page.nextBeforeSeq === null) return
    page = await statement(core, actor, { context, beforeSeq: page.nextBeforeSeq, limit: PAGE_SIZE })
  }
}

/** Words of people never become a formula when a spreadsheet opens the file. */
function cell(column: keyof Entry, value: string | number | null): string {
  const text = String(value ?? '')
  return column === 'who' || column === 'what' || column === 'reason' ? csvWords(text) : text
}
