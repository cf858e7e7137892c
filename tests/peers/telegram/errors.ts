/** A refusal in the shape Telegram gives it: a code, its words, and sometimes response parameters. */
export class ApiFail extends Error {
  readonly code: number
  readonly words: string
  readonly parameters: Record<string, number> | undefined
  /** Set on refusals from further inside Telegram than its JSON reader: no "Can't parse" goes before them. */
  final = false

  constructor(code: number, words: string, parameters?: Record<string, number>) {
    super(`${code} ${words}`)
    this.name = 'ApiFail'
    this.code = code
    this.words = words
    this.parameters = parameters
  }

  get description(): string {
    const prefix = prefixes[this.code] ?? 'Bad Request'
    return this.words.startsWith(prefix) ? this.words : `${prefix}: ${lowerFirst(this.words)}`
  }
}

const prefixes: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Request Entity Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
}

// Telegram lowers the first letter of a sentence, but leaves codes such as BUTTON_DATA_INVALID alone.
function lowerFirst(words: string): string {
  const second = words[1] ?? ''
  if (second === '_' || (second >= 'A' && second <= 'Z')) return words
  return words.slice(0, 1).toLowerCase() + words.slice(1)
}

export const refuse = (words: string, parameters?: Record<string, number>): ApiFail =>
  new ApiFail(400, words, parameters)

export function refuseInside(words: string): ApiFail {
  const fail = refuse(words)
  fail.final = true
  return fail
}

export const forbid = (words: string): ApiFail => new ApiFail(403, words)

export const slowDown = (seconds: number): ApiFail =>
  new ApiFail(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds })

/** Puts Telegram's usual "Can't parse X: " before whatever the inner step refused with. */
export function within<T>(prefix: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof ApiFail && !error.final)
      throw new ApiFail(error.code, `${prefix}: ${error.words}`, error.parameters)
    throw error
  }
}
