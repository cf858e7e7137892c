import type { Json, JsonObject } from '../json.ts'
import { costOfTokens } from './cost.ts'
import type { ModelChoice } from './model.ts'
import { EXTRACT_TOOL } from './model-tools.ts'
import { estimateTokens, mostTokens } from './tokens.ts'

/** What a text is taken for that is not known before its step begins. */
const UNKNOWN_TOKENS = { expected: 1_000, most: 4_000 }
/** What says to a model that its answer does not fit. */
const REPAIR_TOKENS_MAX = 1_500

/**
 * What a step that asks a model is expected to cost and may cost at most, with as much of its input as is known. An answer
 * that is to fit a schema may be asked for a second time.
 */
export function boundsOf(
  toolId: string,
  input: JsonObject,
  choice: ModelChoice,
): { estimateMicros: bigint; maxMicros: bigint } {
  const outputTokens = outputTokensOf(choice, input.maxTokens)
  const texts = [input.prompt, input.system, input.schema]
  const isOpen = input.prompt === undefined
  const known = JSON.stringify(texts.filter((text) => text !== undefined && text !== null))
  const expected = estimateTokens(known) + (isOpen ? UNKNOWN_TOKENS.expected : 0)
  const most = mostTokens(known) + (isOpen ? UNKNOWN_TOKENS.most : 0)
  const estimateMicros = costOfTokens(choice.rates, expected, outputTokens)
  const onceMicros = costOfTokens(choice.rates, most, outputTokens)
  if (toolId !== EXTRACT_TOOL) return { estimateMicros, maxMicros: onceMicros }
  const againMicros = costOfTokens(choice.rates, most + outputTokens + REPAIR_TOKENS_MAX, outputTokens)
  return { estimateMicros, maxMicros: onceMicros + againMicros }
}

/** How long an answer may be: what was asked for, and never more than what was agreed. */
const outputTokensOf = ({ maxTokens }: ModelChoice, asked: Json | undefined): number =>
  typeof asked === 'number' && asked >= 1 ? Math.min(Math.floor(asked), maxTokens) : maxTokens
