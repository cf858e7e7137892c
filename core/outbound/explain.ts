import { OutboundError } from './outbound.ts'

/** Why a call came to nothing, as an OutboundError. */
export function explain(
  error: unknown,
  { timeoutMs, isTimeout, isAborted }: { timeoutMs: number; isTimeout: boolean; isAborted: boolean },
): OutboundError {
  if (error instanceof OutboundError) return error
  if (isAborted) return new OutboundError('aborted', 'The call was stopped.')
  const code = String((error as { code?: unknown } | null)?.code ?? '')
  if (isTimeout || /TIMEOUT|ETIMEDOUT/.test(code)) {
    return new OutboundError('timeout', `There was no complete answer within ${timeoutMs / 1000} s.`, { cause: error })
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return new OutboundError('refused', 'The request cannot be written as HTTP.', { cause: error })
  }
  const network =
    /^(E[A-Z_]+|UND_ERR_SOCKET|HPE_.*|CERT_.*|.*_CERT.*|ERR_TLS.*|Z_.*|ERR_SSL.*|ERR_STREAM_PREMATURE_CLOSE)$/
  if (network.test(code)) {
    const known = KNOWN[code] ?? 'the connection failed'
    return new OutboundError('network', `The call did not get through: ${known} (${code}).`, { cause: error })
  }
  return new OutboundError('unknown', 'The call failed for a reason that is not known.', { cause: error })
}

const KNOWN: Record<string, string> = {
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name could not be looked up',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the other side broke off',
  UND_ERR_SOCKET: 'the other side broke off',
}
