import { type RawBuilder, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { webHistory } from '#core/chat/web.ts'
import { listChatChanges, listChatMessages, listChatMessagesOf } from '#db/chat-messages.ts'
import type { Reader } from '#db/db.ts'
import { query } from '#db/statement.ts'
import { createDatabase, DIALECTS, type TestDatabase } from '#tests/support/database.ts'

const MESSAGES = 100_000
const NUMBERS = {
  sqlite: `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${MESSAGES})`,
  postgres: `WITH numbers AS (SELECT generate_series(1, ${MESSAGES}) AS n)`,
}
const FILL = `SELECT 'msg_' || n, CASE WHEN n % 10 = 0 THEN 'web_' || (n % 5000) ELSE 'web_long' END, n, 'bot', 'in:' || n, '[]', n / 3
FROM numbers`

const run = (on: Reader, text: string): Promise<object[]> =>
  query(
    on,
    (q) => ({ compile: () => sql.raw(text).compile(q) }) as unknown as RawBuilder<object> & { compile(): never },
  )

/** Nine of ten messages are of one conversation, the others of many; three share each moment. */
describe.each(DIALECTS)('a conversation of many years, on %s', (dialect) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createDatabase(dialect)
    await database.db.write(async function fill(tx) {
      const into = 'INSERT INTO chat_message (id, conversation, change_seq, author, cause, parts_json, at_ms)'
      await run(tx, dialect === 'sqlite' ? `${into} ${NUMBERS.sqlite} ${FILL}` : `${NUMBERS.postgres} ${into} ${FILL}`)
      await run(tx, 'ANALYZE chat_message')
    })
  }, 60_000)
  afterAll(() => database.drop())

  /** How the database would find the rows of a statement with these values. */
  async function planOf(statement: { sql(of: typeof dialect): string }, values: (string | number)[]): Promise<string> {
    const parts = statement.sql(dialect).split(dialect === 'sqlite' ? '+?' : /\$\d+/)
    const filled = parts.reduce((text, part, index) => {
      const value = values[index - 1]
      return `${text}${typeof value === 'string' ? `'${value}'` : value}${part}`
    })
    const rows = await run(database.db, `EXPLAIN ${dialect === 'sqlite' ? 'QUERY PLAN' : ''} ${filled}`)
    return rows.map((row) => JSON.stringify(row)).join('\n')
  }

  it.each([
    ['its end', listChatMessages, [Number.MAX_SAFE_INTEGER, 0, 51]],
    ['any page', listChatMessages, [20_000, 60_001, 51]],
    ['what has changed', listChatChanges, [60_000, 201]],
  ] as const)('is read by an index, without sorting it: %s', async (_, statement, values) => {
    const plan = await planOf(statement, ['web_long', ...values])
    expect(plan).not.toMatch(/sort|temp b-tree|seq scan|scan chat_message/i)
    expect(plan).toMatch(/using (covering )?index|index scan/i)
  })

  it('finds what was answered to one message by an index', async () => {
    expect(await planOf(listChatMessagesOf, ['in:77', 'bot'])).not.toMatch(/seq scan|scan chat_message/i)
  })

  it('comes in the order in which it was said, page by page, also within one moment', async () => {
    const seen: number[] = []
    let page = await webHistory(database.db, 'web_long', { limit: 7 })
    for (let pages = 0; pages < 20; pages++) {
      seen.unshift(...page.items.map(({ seq }) => seq))
      if (page.nextCursor === null) break
      page = await webHistory(database.db, 'web_long', { limit: 7, cursor: page.nextCursor })
    }
    const all = Array.from({ length: MESSAGES }, (__, index) => index + 1).filter((number) => number % 10 !== 0)
    expect(seen).toEqual(all.slice(-seen.length))
    expect(seen).toHaveLength(140)
  })
})
