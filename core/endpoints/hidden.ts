import type { EndpointTable } from '#db/schema.ts'
import type { Keyring } from '../connections/keyring.ts'
import { type Place, SealError, seal, unseal } from '../connections/seal.ts'
import { definitionOf, type EndpointDefinition } from './endpoint.ts'
import { MASK } from './masked.ts'

const placeOf = ({ id, context }: Pick<EndpointTable, 'id' | 'context'>): Place => ({
  table: 'endpoint',
  owner: context,
  id,
  field: 'headers',
})

/** An endpoint as it is stored: what its headers say is encrypted, and in clear there are their names. */
export function hideHeaders(
  keyring: Keyring,
  at: Pick<EndpointTable, 'id' | 'context'>,
  endpoint: EndpointDefinition,
): { definitionJson: string; sealed: string | null } {
  const names = Object.keys(endpoint.headers)
  if (names.length === 0) return { definitionJson: JSON.stringify(endpoint), sealed: null }
  const headers = Object.fromEntries(names.map((name) => [name, MASK]))
  return {
    definitionJson: JSON.stringify({ ...endpoint, headers }),
    sealed: seal(keyring, placeOf(at), JSON.stringify(endpoint.headers)),
  }
}

/** The headers of a stored endpoint. Throws a SealError. */
export function headersOf(keyring: Keyring, row: EndpointTable): Record<string, string> {
  if (row.sealed === null) return definitionOf(row).headers
  return JSON.parse(unseal(keyring, placeOf(row), row.sealed)) as Record<string, string>
}

/** For those who look: masks where the key is not at hand. */
export function headersOrMasks(keyring: Keyring, row: EndpointTable): Record<string, string> {
  try {
    return headersOf(keyring, row)
  } catch (error) {
    if (error instanceof SealError) return definitionOf(row).headers
    throw error
  }
}
