import type { Log } from '../core.ts'
import { cut } from '../cut.ts'
import type { StepWork } from './decide.ts'

/** What a tool and its runner write to the log: each line says which step of which run it is about. */
export interface StepLog {
  debug(message: string, facts?: object): void
  /** The tool broke by a fault of its own. People are told only that it did; why it did stands here. */
  broke(thrown: unknown): void
}

export function stepLog(
  { log }: { log: Log },
  runId: string,
  { stepId, toolId, attempt }: StepWork & { kind: 'tool' },
): StepLog {
  return {
    debug: (message, facts) => log.debug({ runId, stepId, ...facts }, message),
    broke: (thrown) => log.warn({ runId, stepId, toolId, attempt, err: bare(thrown) }, 'A tool failed by itself'),
  }
}

const SAID_MAX_CHARACTERS = 1_000
const PLACES_MAX_CHARACTERS = 4_000
const CAUSES_MAX = 4

/**
 * What was thrown, in words and with the place: libraries hang whole requests with their headers and bodies on their errors,
 * which nobody is to read in a log.
 */
function bare(thrown: unknown, depth = 0): Error {
  if (!(thrown instanceof Error)) return new Error(cut(`Thrown: ${String(thrown)}`, SAID_MAX_CHARACTERS))
  const hasCause = thrown.cause !== undefined && depth < CAUSES_MAX
  const message = cut(thrown.message, SAID_MAX_CHARACTERS)
  const error = new Error(message, hasCause ? { cause: bare(thrown.cause, depth + 1) } : {})
  error.name = thrown.name
  const [, places = ''] = /(\n {4}at [\s\S]*)/.exec(thrown.stack ?? '') ?? []
  error.stack = `${thrown.name}: ${message}${cut(places, PLACES_MAX_CHARACTERS)}`
  return error
}
