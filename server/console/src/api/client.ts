/** One refused or failed request. `message` is a plain sentence that may be shown as it stands. */
export class ApiError extends Error {
  /** The HTTP status; 0 when no answer came at all. */
  readonly status: number
  /** The server's own code (`expired`, `insufficient_funds`, …); `unreachable` when no answer came. */
  readonly code: string
  readonly requestId: string | undefined
  readonly problems: { path: string; message: string }[]

  constructor(status: number, code: string, message: string, requestId?: string, problems: ApiError['problems'] = []) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.requestId = requestId
    this.problems = problems
  }
}

interface CallOptions {
  body?: unknown
  signal?: AbortSignal
  /** The same key again is the same request: a repeat after a lost answer does nothing twice. */
  idempotencyKey?: string
  /** Whose runs, money, …: where it is not the context that counts for this person now. */
  context?: { type: 'user' | 'team'; id: string }
}

const TIMEOUT_MS = 30_000

/** Calls the API with the session's cookie and gives the JSON of the answer. Throws ApiError, and nothing else. */
export async function call<Answer>(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  if (options.idempotencyKey) headers['idempotency-key'] = options.idempotencyKey
  if (options.context) headers['x-execution-context'] = `${options.context.type}/${options.context.id}`
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
  try {
    const body = options.body === undefined ? null : JSON.stringify(options.body)
    const response = await fetch(path, { method, headers, body, signal, credentials: 'same-origin' })
    const answer = await response.text()
    if (!response.ok) throw problemOf(response.status, answer, response.headers.get('x-request-id'))
    return (answer ? JSON.parse(answer) : undefined) as Answer
  } catch (error) {
    throw error instanceof ApiError ? error : unreachable()
  }
}

export const unreachable = (): ApiError =>
  new ApiError(0, 'unreachable', 'The server did not answer. Check your connection and try again.')

/** Reads problem+json; anything else becomes a sentence with the request's id. */
export function problemOf(status: number, body: string, headerId?: string | null): ApiError {
  const problem = parse(body)
  const requestId = problem.requestId ?? headerId ?? undefined
  const sentence = problem.detail ?? problem.title
  const message =
    status < 500 && sentence
      ? sentence
      : `Something went wrong on the server.${requestId ? ` Please report it with this number: ${requestId}` : ''}`
  return new ApiError(status, problem.code ?? 'unknown', message, requestId, problem.errors ?? [])
}

interface ProblemBody {
  title?: string
  detail?: string
  code?: string
  requestId?: string
  errors?: ApiError['problems']
}

function parse(body: string): ProblemBody {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** What to show for any failure, whatever was thrown. */
export const sentenceOf = (error: unknown): string =>
  error instanceof ApiError ? error.message : 'Something went wrong. Reload the page and try again.'

/** What is wrong with one field, when the server said so. */
export const problemAt = (error: unknown, path: string): string | undefined =>
  error instanceof ApiError ? error.problems.find((problem) => problem.path === path)?.message : undefined

export const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.status === 401

/** A random key. Made by hand because `crypto.randomUUID` is missing on plain http. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
