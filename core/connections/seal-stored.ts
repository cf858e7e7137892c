import type { Tx } from '#db/db.ts'
import {
  findSealing,
  listPlainCallbacks,
  listPlainEndpoints,
  listPlainProviders,
  markSealing,
  sealCallback,
  sealEndpoint,
  sealProvider,
} from '#db/sealed.ts'
import type { Core } from '../core.ts'
import { definitionOf } from '../endpoints/endpoint.ts'
import { hideHeaders } from '../endpoints/hidden.ts'
import { callbackAt, hideSecrets, providerAt } from '../providers/hidden.ts'
import { providerOf } from '../providers/provider.ts'

const BATCH = 200

interface Plain {
  id: string
  context: string
  json: string
}

type Hidden = { json: string; sealed: string | null }
type Needs = Pick<Core, 'db' | 'settings'>

/**
 * Encrypts what was stored in clear before there was a key for it, in batches; a start that was stopped goes on where it
 * was. `clean` then takes the old text out of the files of the database; it is called when there was any. Once it is all
 * done a start only reads that it is. Returns how many records it changed.
 */
export async function sealStored(core: Needs, clean: () => Promise<void>): Promise<number> {
  const state = (await findSealing.first(core.db, {}))?.value_json
  if (state === DONE) return 0
  const { keyring } = core.settings
  const parts = [
    await sealAll(core, listPlainEndpoints, sealEndpoint, (row) => {
      const { definitionJson, sealed } = hideHeaders(keyring, row, definitionOf({ definition_json: row.json }))
      return { json: definitionJson, sealed }
    }),
    await sealAll(core, listPlainProviders, sealProvider, (row) =>
      hideSecrets(keyring, providerAt(row), providerOf({ definition_json: row.json })),
    ),
    await sealAll(core, listPlainCallbacks, sealCallback, ({ id, context, json }) =>
      hideSecrets(keyring, callbackAt({ key: id, context }), providerOf({ definition_json: json })),
    ),
  ]
  const changed = parts.reduce((sum, part) => sum + part, 0)
  if (changed > 0 || state === BEGUN) await clean()
  await core.db.write((tx) => markSealing.run(tx, { valueJson: DONE }))
  return changed
}

const BEGUN = '"begun"'
const DONE = '"done"'

async function sealAll(
  { db }: Needs,
  list: typeof listPlainEndpoints,
  put: typeof sealEndpoint,
  hide: (row: Plain) => Hidden,
): Promise<number> {
  let changed = 0
  for (let after = ''; ; ) {
    const rows: Plain[] = await list.all(db, { after, most: BATCH })
    const last = rows.at(-1)
    if (!last) return changed
    after = last.id
    const changes = rows.flatMap((row) => {
      const { json, sealed } = hide(row)
      return sealed === null ? [] : [{ id: row.id, before: row.json, json, sealed }]
    })
    if (changes.length > 0) changed += await db.write((tx) => sealBatch(tx, put, changes))
  }
}

/** That there is clear text to be taken out of the files is known from the first of them on, whenever the power goes. */
async function sealBatch(
  tx: Tx,
  put: typeof sealEndpoint,
  changes: readonly { id: string; before: string; json: string; sealed: string }[],
): Promise<number> {
  await markSealing.run(tx, { valueJson: BEGUN })
  let written = 0
  for (const change of changes) written += await put.run(tx, change)
  return written
}
