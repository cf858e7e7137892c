import type { EndpointDefinition } from '../../endpoints/endpoint.ts'
import type { JsonSchema } from '../../schema.ts'
import type { SideEffect } from '../../tools/tool.ts'

/** Something an agent may call, under the name its model knows it by. */
export interface Offer {
  /** Providers take no dots. */
  name: string
  /** Of a job `job_<name>`. */
  toolId: string
  title: string
  description: string
  inputSchema: JsonSchema
  /** The most that a call of it does. */
  effect: SideEffect
  /** It becomes a run of its own, because it may wait or asks models itself. */
  target: { kind: 'call' } | { kind: 'run'; of: { tool: string } | { job: string } }
  /** The tools that a call of it may use: itself, or all in the job. */
  uses: string[]
  /** Its description was written by strangers. */
  isForeign: boolean
  definitionHash: string
}

export interface Offers {
  list: Offer[]
  /** The stored endpoints of the context, by name. */
  endpoints: ReadonlyMap<string, EndpointDefinition>
}
