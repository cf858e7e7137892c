import { format } from 'prettier'
import type { JsonObject } from '#core/json.ts'
import { ToolError } from '../../tool.ts'

const LANGUAGE_NAMES: Record<string, string> = {
  markdown: 'Markdown',
  json: 'JSON',
  yaml: 'YAML',
  css: 'CSS',
  html: 'HTML',
  typescript: 'TypeScript',
}

/** `{text, language}` → `{text, changed}`. The language is prettier's parser of the same name. */
export async function run(input: JsonObject): Promise<JsonObject> {
  const text = String(input.text)
  const language = String(input.language)
  try {
    // Nothing but the text decides: no configuration files, no plugins, no code inside code.
    const formatted = await format(text, {
      parser: language,
      plugins: [],
      embeddedLanguageFormatting: 'off',
      endOfLine: 'lf',
    })
    return { text: formatted, changed: formatted !== text }
  } catch (error) {
    throw isSyntaxError(error) ? unreadable(language, error) : error
  }
}

interface PrettierSyntaxError extends Error {
  loc: { start: { line: number; column: number } }
}

/** Parsers report their own exhaustion as a syntax error; that one is not about the text's grammar. */
const isSyntaxError = (error: unknown): error is PrettierSyntaxError =>
  error instanceof Error && typeof (error as Partial<PrettierSyntaxError>).loc?.start?.line === 'number'

function unreadable(language: string, error: PrettierSyntaxError): Error {
  const { line, column } = error.loc.start
  // The message ends in the place and is followed by an excerpt of the text.
  const reason = (error.message.split('\n')[0] ?? '').replace(/^CssSyntaxError: | \(\d+:\d+\)$/g, '').replace(/\.$/, '')
  if (/maximum call stack/i.test(reason)) return new RangeError(reason)
  const name = LANGUAGE_NAMES[language] ?? language
  return new ToolError('bad_input', `The text is not valid ${name}: ${reason} (line ${line}, column ${column}).`)
}
