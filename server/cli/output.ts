import { AppError, type Problem } from '#core/errors.ts'
import { BackupError } from '#db/backup/manifest.ts'
import { ConfigError } from '../config.ts'

/** Where a command says what it has to say. */
export interface Output {
  readonly isJson: boolean
  /** The answer, once: the document with `--json`, otherwise the lines. */
  answer(document: unknown, lines: string | readonly string[]): void
  /** Part of an answer that comes bit by bit; only without `--json`. */
  print(lines: readonly string[]): void
  /** Everything beside the answer: standard error. */
  note(text: string): void
}

/** What the operator can mend and no operation knows of; `code` is for scripts. */
export class CliError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'CliError'
    this.code = code
  }
}

export function createOutput(isJson: boolean): Output {
  const print = (text: string): void => {
    if (text !== '') process.stdout.write(`${process.stdout.isTTY ? harmless(text) : text}\n`)
  }
  return {
    isJson,
    answer: (document, lines) => print(isJson ? JSON.stringify(document, null, 2) : [lines].flat().join('\n')),
    print: (lines) => print(lines.join('\n')),
    note: (text) => void process.stderr.write(`${harmless(text)}\n`),
  }
}

/** Tells why a command failed, as `{error: {code, message, problems?}}` or in words. The answer is the exit code. */
export function tellFailure(output: Output, error: unknown): number {
  const failure = failureOf(error)
  if (output.isJson) output.answer({ error: failure }, '')
  else output.note(failure.message)
  return 1
}

function failureOf(error: unknown): { code: string; message: string; problems?: Problem[] } {
  if (error instanceof AppError) {
    const { problems } = error.details
    return { code: error.code, message: error.message, ...(problems ? { problems } : {}) }
  }
  if (error instanceof CliError || error instanceof BackupError) return { code: error.code, message: error.message }
  if (error instanceof ConfigError) return { code: 'bad_settings', message: error.message }
  return { code: 'internal', message: messageOf(error) }
}

/** Of whatever was thrown; a refused connection hides its message in the errors of each try. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && !error.message) return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message || error.name : String(error)
}

/** Without what could move the cursor, recolour or retitle the terminal: people and tools wrote parts of what is shown. */
export const harmless = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')

/** Lines of two columns, the first as wide as its longest. */
export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([first]) => first.length))
  return rows.map(([first, second]) => `${first.padEnd(width)}  ${second}`.trimEnd())
}
