import type { Reader } from '#db/db.ts'
import type { ContextKey } from '../../context.ts'
import { sha256 } from '../../ids.ts'
import { AGENT_TOOL, JOB_TOOL, REQUEST_TOOL } from '../../jobs/price-key.ts'
import { canonicalJson, type Json, type JsonObject } from '../../json.ts'
import { providersFor } from '../../providers/find.ts'
import { agentIn } from '../agent.ts'
import type { Offer, Offers } from './offer.ts'

/** Of what a call would use, down to what its parameters name: it is another call when any of that has changed. */
export async function definitionHashOf(
  on: Reader,
  context: ContextKey,
  offer: Offer,
  input: JsonObject,
  { endpoints }: Offers,
): Promise<string> {
  const named = await namedIn(on, context, offer.toolId, input, endpoints)
  return named === null ? offer.definitionHash : sha256(`${offer.definitionHash} ${canonicalJson(named)}`)
}

async function namedIn(
  on: Reader,
  context: ContextKey,
  toolId: string,
  input: JsonObject,
  endpoints: Offers['endpoints'],
): Promise<Json> {
  if (toolId === REQUEST_TOOL && input.endpoint !== undefined) {
    return (endpoints.get(String(input.endpoint)) ?? null) as unknown as Json
  }
  if (toolId === JOB_TOOL) return (await providersFor(on, context)).get(String(input.provider))?.definition_json ?? null
  if (toolId !== AGENT_TOOL) return null
  const agent = await agentIn(on, context, String(input.agent))
  return agent ? [agent.id, agent.version] : null
}

/** Of one call: what it uses and what it is asked. */
export const callHashOf = (toolId: string, definitionHash: string, input: JsonObject): string =>
  sha256(canonicalJson({ toolId, definitionHash, input }))
