import { maskedInputs } from '../../endpoints/masked.ts'
import { AGENT_TOOL, priceKey } from '../../jobs/price-key.ts'
import type { JsonObject } from '../../json.ts'
import type { Offer } from './offer.ts'
import { jobOfOffer } from './offers.ts'

/** By tool. */
export type SavedInputs = Record<string, JsonObject>

/**
 * The saved inputs that a call would be completed with, and no others: of every tool in it. An agent in a job calls what it
 * likes, so that all of them may be used there; one that is called by itself asks for its own calls.
 */
export function savedFor({ toolId, uses }: Offer, saved: SavedInputs, input: JsonObject): SavedInputs {
  const isJob = jobOfOffer(toolId) !== undefined
  if (isJob && uses.includes(AGENT_TOOL)) return saved
  const used = new Set(uses.flatMap((one) => [one, priceKey(one)]))
  return Object.fromEntries(
    Object.entries(saved)
      .filter(([id]) => used.has(id))
      .map(([id, inputs]): [string, JsonObject] => [id, isJob ? inputs : leftOpen(inputs, input)])
      .filter(([, inputs]) => Object.keys(inputs).length > 0),
  )
}

/** What the call says itself stands; only headers are put together from both. */
const leftOpen = (saved: JsonObject, input: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(saved).filter(([name]) => name === 'headers' || !(name in input)))

/** As whoever approves sees them: what opens something is masked. */
export const shownSaved = (saved: SavedInputs): { savedInputs?: SavedInputs } =>
  Object.keys(saved).length === 0
    ? {}
    : { savedInputs: Object.fromEntries(Object.entries(saved).map(([id, inputs]) => [id, maskedInputs(inputs)])) }
