import type { Reader } from '#db/db.ts'
import { listProviders } from '#db/providers.ts'
import type { ProviderTable } from '#db/schema.ts'
import type { ContextKey } from '../context.ts'
import { SHIPPED } from './provider.ts'

/** The providers a context may use, by name; its own stand before shipped ones of the same name. */
export async function providersFor(on: Reader, context: ContextKey): Promise<Map<string, ProviderTable>> {
  const rows = await listProviders.all(on, { context, shipped: SHIPPED })
  const byName = new Map<string, ProviderTable>()
  for (const row of rows) if (!byName.has(row.name)) byName.set(row.name, row)
  return byName
}
