import { isJsonObject, type Json } from '../../json.ts'
import { readPath } from '../../json-path.ts'
import { type Outcome, outcomeOf, runIdOf } from '../../providers/outcome.ts'
import type { ProviderDefinition } from '../../providers/provider.ts'
import { renderRequest } from '../../providers/render.ts'
import { callHttp, jsonOf, writeBody } from '../http-call.ts'
import { defineTool, ToolError } from '../tool.ts'

/** A provider takes a job and answers; the work itself comes later. */
const SUBMIT_TIMEOUT_MS = 20_000
const ANSWER_BYTES_MAX = 1024 * 1024

export const httpJob = defineTool({
  toolId: 'http.job',
  version: '1.0.0',
  displayName: 'Job at a provider',
  description: 'Gives a job to a provider that works on it for a while, and waits until it calls back.',
  category: 'http',
  inputSchema: {
    type: 'object',
    required: ['provider'],
    properties: {
      provider: { type: 'string', title: 'Provider', description: 'The name of a provider of this context' },
      params: {
        type: 'object',
        title: 'Parameters',
        description: 'What the provider’s templates fill in',
        additionalProperties: true,
        default: {},
      },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['result', 'providerRunId'],
    properties: {
      result: { description: 'What the provider made' },
      providerRunId: { description: 'The provider’s own id of the job; null when it has told none' },
    },
  },
  // Each provider has its own.
  price: { unit: 'run', rateMicros: 0n, maxMicros: 0n },
  delivery: 'callback',
  timeoutMs: SUBMIT_TIMEOUT_MS + 5_000,
  sideEffect: 'spend',
  async execute({ params = {} }, context) {
    const { job, idempotencyKey, nowMs } = context
    if (!job) throw new ToolError('internal', 'A job can only be given to a provider from within a run.')
    const { provider, callbackUrl } = job
    const deadlineMs = nowMs + provider.deadlineMs
    // A try before this one got through, although nobody heard the answer.
    if (job.hasArrived) return { submitted: { providerRunId: null, deadlineMs }, output: {} }
    const scope = { params: isJsonObject(params) ? params : {}, callbackUrl, idempotencyKey }
    const { body, ...rendered } = renderRequest(provider.submit, scope)
    const written = writeBody(body, { ...rendered.headers, 'Idempotency-Key': idempotencyKey })
    const limits = { timeoutMs: SUBMIT_TIMEOUT_MS, maxResponseBytes: ANSWER_BYTES_MAX }
    const said = jsonOf(await callHttp({ ...rendered, ...written, ...limits }, context)) ?? null
    const outcome = said === null ? undefined : endIn(provider, said)
    const submitted = { providerRunId: runIdOf(provider, said), deadlineMs, ...(outcome ? { outcome } : {}) }
    return { submitted, output: {} }
  },
})

/** A first answer may say that all is well and mean only that it was taken: it ends the wait when the result is in it. */
function endIn(provider: ProviderDefinition, said: Json): Outcome | undefined {
  const outcome = outcomeOf(provider, said)
  return outcome?.kind === 'succeeded' && readPath(said, provider.resultPath) === undefined ? undefined : outcome
}
