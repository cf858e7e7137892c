import type { Configuration } from 'markdownlint'
import { lint } from 'markdownlint/promise'
import type { JsonObject } from '#core/json.ts'

/** markdownlint's own rules, except where they ask for what a text sent in a chat never has. */
const CONFIG: Configuration = {
  default: true,
  // Line length: chats, consoles and editors wrap.
  MD013: false,
  // A fragment need not begin with a title, and a message ends without a line break.
  MD041: false,
  MD047: false,
  // A changelog has the same section under every version.
  MD024: { siblings_only: true },
  // "What's new!" and "Why?" are good headings.
  MD026: { punctuation: '.,;:。，；：' },
}

/** `{text}` → `{findings, ok}`, findings in the order of the text. */
export async function run(input: JsonObject): Promise<JsonObject> {
  const results = await lint({ strings: { text: String(input.text) }, config: CONFIG })
  const findings = (results.text ?? []).map((error) => ({
    line: error.lineNumber,
    rule: error.ruleNames[0] ?? '',
    message: error.errorDetail ? `${error.ruleDescription}: ${error.errorDetail}` : error.ruleDescription,
    ...(error.errorContext ? { context: error.errorContext } : {}),
  }))
  findings.sort((a, b) => a.line - b.line)
  return { findings, ok: findings.length === 0 }
}
