import type { Reader } from '#db/db.ts'
import type { Chosen, ModelWanted } from './choice.ts'
import { policyFacts } from './facts.ts'
import { resolvePolicy } from './resolve.ts'

export type { Chosen, ModelWanted, PolicyCase } from './choice.ts'

/** Which model a call gets, or why it gets none. Reads only; the same answer while nothing changes. */
export const chooseModel = async (on: Reader, wanted: ModelWanted): Promise<Chosen> =>
  resolvePolicy(await policyFacts(on, wanted))
