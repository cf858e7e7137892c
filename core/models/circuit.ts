import { closeCircuit, findCircuit, noteCircuitFailure, reopenCircuit, takeCircuitTrial } from '#db/model-circuits.ts'
import type { ContextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { askBreaker, type BreakerStore, type Breaking, tellBreaker } from '../endpoints/breaker.ts'
import { ToolError } from '../tools/tool.ts'
import { type ModelChoice, ModelError, type ModelErrorCode } from './model.ts'

const CIRCUITS: BreakerStore = {
  kind: 'model_circuit',
  takeTrial: takeCircuitTrial,
  closeBreaker: closeCircuit,
  reopenBreaker: reopenCircuit,
  noteFailure: noteCircuitFailure,
}

/** What speaks of the provider, and not of what it was asked. */
const FAILURES: ReadonlySet<ModelErrorCode> = new Set(['timeout', 'network', 'provider_5xx'])

type Needs = Pick<Core, 'db' | 'clock'>

/**
 * Makes a call where its connection does not rest, and remembers how it went: five failures in a minute, and it is left
 * alone for half a minute, by everybody who uses it. Throws a ToolError that says until when.
 */
export async function throughCircuit<T>(
  core: Needs,
  context: ContextKey,
  { provider, connection }: ModelChoice,
  call: () => Promise<T>,
): Promise<T> {
  if (connection === null) return call()
  const id = `${provider}/${connection}`
  const row = (await findCircuit.first(core.db, { id })) ?? CLOSED
  const circuit: Breaking = { ...row, id, name: provider, context }
  const permit = await askBreaker(core, circuit, CIRCUITS)
  if (permit.kind === 'rests') {
    const retryAfterMs = Math.max(0, permit.untilMs - core.clock.nowMs())
    const message = `${provider} failed several times in a row and is left alone for a moment.`
    throw new ToolError('provider_error', message, { retryable: true, retryAfterMs })
  }
  try {
    const answer = await call()
    await tellBreaker(core, circuit, permit, false, CIRCUITS)
    return answer
  } catch (error) {
    const reason = error instanceof ToolError ? error.cause : error
    // Nothing was learned of it when it was stopped by us; a trial like that simply runs out.
    if (reason instanceof ModelError && reason.code !== 'aborted') {
      await tellBreaker(core, circuit, permit, FAILURES.has(reason.code), CIRCUITS)
    }
    throw error
  }
}

const CLOSED = { breaker: 'closed', open_until_ms: 0, trial_until_ms: 0 } as const
