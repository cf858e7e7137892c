import type { ModelError, ModelErrorCode } from '../../models/model.ts'
import { ToolError, type ToolErrorCode } from '../../tools/tool.ts'

const CODES: Partial<Record<ModelErrorCode, ToolErrorCode>> = {
  timeout: 'timeout',
  network: 'network',
  aborted: 'cancelled',
  refused: 'refused',
  auth_failed: 'refused',
}

/** Why a model gave no answer, as the step will say it, and the tokens that were used all the same. */
export function modelFailure(error: ModelError | ToolError): { failure: ToolError; tokens: number } {
  if (error instanceof ToolError) return { failure: error, tokens: 0 }
  const { code, message, retryable, usage } = error
  return {
    failure: new ToolError(CODES[code] ?? 'provider_error', message, { retryable }),
    tokens: usage ? usage.inputTokens + usage.outputTokens : 0,
  }
}
