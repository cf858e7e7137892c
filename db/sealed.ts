import { statement } from './statement.ts'

/** What has an encrypted part, with the columns by which it is found. */
const TABLES = {
  connection: { id: 'id', version: 'version' },
  endpoint: { id: 'id', version: null },
  provider: { id: 'id', version: null },
  callback: { id: 'key', version: null },
  trigger_secret: { id: 'id', version: 'version' },
} as const

export type SealedTable = keyof typeof TABLES

export interface SealedRow {
  id: string
  context: string
  sealed: string
  version: number
}

// Each of the five has these columns; the query builder knows only one table at a time.
const like = (table: SealedTable) => table as 'connection'
const idOf = (table: SealedTable) => TABLES[table].id as 'id'

/** Encrypted parts of a table that do not begin so, in the order of their ids, behind `after`. */
const listOthers = (table: SealedTable) =>
  statement((q, p: { pattern: string; after: string; most: number }) =>
    q
      .selectFrom(like(table))
      .select((row) => [
        row.ref(idOf(table)).as('id'),
        'context',
        'sealed',
        TABLES[table].version === null ? row.lit(0).as('version') : 'version',
      ])
      .where('sealed', 'is not', null)
      .where('sealed', 'not like', p.pattern)
      .where(idOf(table), '>', p.after)
      .orderBy(idOf(table))
      .limit(p.most),
  )

/** Puts the same secret under another key, unless somebody has put in another one. */
const replaceSealed = (table: SealedTable) =>
  statement((q, p: { id: string; before: string; sealed: string }) =>
    q.updateTable(like(table)).set({ sealed: p.sealed }).where(idOf(table), '=', p.id).where('sealed', '=', p.before),
  )

const countOthers = (table: SealedTable) =>
  statement((q, p: { pattern: string }) =>
    q
      .selectFrom(like(table))
      .select((row) => row.fn.countAll<number>().as('count'))
      .where('sealed', 'is not', null)
      .where('sealed', 'not like', p.pattern),
  )

const statementsFor = (table: SealedTable) => ({
  table,
  listOthers: listOthers(table),
  replaceSealed: replaceSealed(table),
  countOthers: countOthers(table),
})

export const SEALED: readonly ReturnType<typeof statementsFor>[] = (Object.keys(TABLES) as SealedTable[]).map(
  statementsFor,
)

/** Definitions with nothing encrypted, behind `after`: some of them were stored before there was a key. */
export const listPlainEndpoints = statement((q, p: { after: string; most: number }) =>
  q
    .selectFrom('endpoint')
    .select(['id', 'context', 'definition_json as json'])
    .where('sealed', 'is', null)
    .where('id', '>', p.after)
    .orderBy('id')
    .limit(p.most),
)

export const listPlainProviders = statement((q, p: { after: string; most: number }) =>
  q
    .selectFrom('provider')
    .select(['id', 'context', 'definition_json as json'])
    .where('sealed', 'is', null)
    .where('id', '>', p.after)
    .orderBy('id')
    .limit(p.most),
)

export const listPlainCallbacks = statement((q, p: { after: string; most: number }) =>
  q
    .selectFrom('callback')
    .select(['key as id', 'context', 'provider_json as json'])
    .where('sealed', 'is', null)
    .where('key', '>', p.after)
    .orderBy('key')
    .limit(p.most),
)

/** Takes the clear text away and puts the encrypted one there, unless it was changed meanwhile. */
export const sealEndpoint = statement((q, p: { id: string; before: string; json: string; sealed: string }) =>
  q
    .updateTable('endpoint')
    .set({ definition_json: p.json, sealed: p.sealed })
    .where('id', '=', p.id)
    .where('sealed', 'is', null)
    .where('definition_json', '=', p.before),
)

export const sealProvider = statement((q, p: { id: string; before: string; json: string; sealed: string }) =>
  q
    .updateTable('provider')
    .set({ definition_json: p.json, sealed: p.sealed })
    .where('id', '=', p.id)
    .where('sealed', 'is', null)
    .where('definition_json', '=', p.before),
)

export const sealCallback = statement((q, p: { id: string; before: string; json: string; sealed: string }) =>
  q
    .updateTable('callback')
    .set({ provider_json: p.json, sealed: p.sealed })
    .where('key', '=', p.id)
    .where('sealed', 'is', null)
    .where('provider_json', '=', p.before),
)

const SEALING = 'secrets.sealed'

/** How far the encryption of what was stored in clear has come; no row before it began. */
export const findSealing = statement((q, _: Record<never, never>) =>
  q.selectFrom('setting').select('value_json').where('key', '=', SEALING),
)

export const markSealing = statement((q, p: { valueJson: string }) =>
  q
    .insertInto('setting')
    .values({ key: SEALING, value_json: p.valueJson })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value_json: p.valueJson })),
)
