import { type CallToolResult, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import type { JsonObject } from '#core/json.ts'
import { DatabaseBusyError } from '#db/db.ts'

/**
 * Why a call was refused, as its answer: the model that made it is to read it and do better. `code: sentence`, then each
 * problem with its path. What is a bug is logged, and only its reference is told.
 */
export function failureOf(core: Pick<Core, 'log' | 'ids'>, tool: string, error: unknown): CallToolResult {
  if (error instanceof AppError) {
    const { code, message, details } = error
    const problems = (details.problems ?? []).map((one) => `- ${one.path || 'arguments'}: ${one.message}`)
    return refused({ code, message, ...details } as unknown as JsonObject, [`${code}: ${message}`, ...problems])
  }
  if (error instanceof DatabaseBusyError) {
    const message = 'Too busy at the moment. Try again soon, with the same idempotencyKey.'
    return refused({ code: 'busy', message }, [`busy: ${message}`])
  }
  const message = ourFault(core, tool, error)
  return refused({ code: 'internal', message }, [`internal: ${message}`])
}

/** The same where the protocol has no place for a refusal but its own errors. */
export function protocolErrorOf(core: Pick<Core, 'log' | 'ids'>, what: string, error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  if (error instanceof AppError) return new ProtocolError(ProtocolErrorCode.InvalidParams, error.message)
  return new ProtocolError(ProtocolErrorCode.InternalError, ourFault(core, what, error))
}

function ourFault(core: Pick<Core, 'log' | 'ids'>, what: string, error: unknown): string {
  const reference = core.ids.newSecret()
  core.log.error({ err: error, what, reference }, 'A request over MCP failed')
  return `Something went wrong on our side. Give this reference when you ask: ${reference}`
}

/** The facts stand beside the text, where no output schema of a tool speaks of them. */
const refused = (error: JsonObject, lines: string[]): CallToolResult => ({
  isError: true,
  content: [{ type: 'text', text: lines.join('\n') }],
  _meta: { error },
})
