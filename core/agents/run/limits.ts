import { cut } from '../../cut.ts'
import type { Json } from '../../json.ts'
import { showUsd } from '../../money.ts'
import { ToolError } from '../../tools/tool.ts'
import type { Transcript } from './transcript.ts'

/** What one piece of work of an agent may take, beside the money that is held for it. */
export const AGENT_LIMITS = {
  /** Answers of its model. */
  answers: 25,
  tokens: 200_000,
  /** Without waits for people and for runs of its own. */
  workedMs: 10 * 60 * 1000,
  /** The same call with the same arguments so often in a row is going in circles. */
  sameCalls: 3,
}

/** Of what people approve, as it is shown to them: more than this nobody reads through. */
export const PARAMETERS_MAX_CHARACTERS = 16_000
/** Of what a tool gave, as JSON: what the model sees of it, and what is kept. */
const OUTPUT_MAX_CHARACTERS = 20_000

/** Its model may be asked once more. Gives how long the answer may be. Throws with the limit named; what was done stays. */
export function requireRoom({ answers, tokens, workedMs }: Transcript, nextTokens: number): number {
  if (answers >= AGENT_LIMITS.answers) throw over(`it has asked its model ${answers} times, and may no more often`)
  const leftTokens = AGENT_LIMITS.tokens - tokens - nextTokens
  if (leftTokens <= 0) {
    throw over(`${tokens} tokens are used, and the next answer would go above ${AGENT_LIMITS.tokens}`)
  }
  requireTime(workedMs)
  return leftTokens
}

export function requireTime(workedMs: number): void {
  if (workedMs >= AGENT_LIMITS.workedMs) throw tooLong()
}

export const tooLong = (): ToolError => over(`it has worked for ${AGENT_LIMITS.workedMs / 60_000} minutes`)

/** What may be spent next fits into what is left of the hold. */
export function requireMoney({ spentMicros }: Transcript, nextMicros: bigint, heldMicros: bigint, what: string): void {
  if (spentMicros + nextMicros <= heldMicros) return
  const left = heldMicros > spentMicros ? heldMicros - spentMicros : 0n
  throw over(`${what} may cost ${showUsd(nextMicros)}, and ${showUsd(left)} of ${showUsd(heldMicros)} are left`)
}

/** The third of the same in a row is not made. */
export function requireProgress({ asked, open }: Transcript): void {
  const n = open[0]?.n ?? 0
  const last = asked.slice(Math.max(0, n - AGENT_LIMITS.sameCalls), n)
  if (last.length === AGENT_LIMITS.sameCalls && new Set(last).size === 1) {
    throw over(`it is going in circles: the same call ${AGENT_LIMITS.sameCalls} times in a row`)
  }
}

/** What is too long is cut and says so; the model sees what is kept. */
export function shortOutput(output: Json): Json {
  const words = JSON.stringify(output)
  if (words.length <= OUTPUT_MAX_CHARACTERS) return output
  return `${cut(words, OUTPUT_MAX_CHARACTERS)}… ${words.length - OUTPUT_MAX_CHARACTERS} more characters`
}

const over = (why: string): ToolError => new ToolError('limit_exceeded', `The agent was stopped: ${why}.`)
