import type { Reader } from '#db/db.ts'
import { findTeam } from '#db/teams.ts'
import type { Context } from '../context.ts'

/** `Team Acme` or `Personal`: who pays, as every card says it. */
export async function payerName(on: Reader, { type, id }: Context): Promise<string> {
  if (type === 'user') return 'Personal'
  return `Team ${(await findTeam.first(on, { id }))?.name ?? '(deleted)'}`
}
