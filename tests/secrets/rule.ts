import { isKey } from '#core/accounts/key-format.ts'

interface Context {
  createTranslator(messages: object): (id: string, data: object) => unknown
  report(found: { message: unknown; range: [number, number] }): void
}

/** The name under which secretlint masks it. */
type Found = { SECRET: string }

const messages = {
  MUSTER_KEY: { en: ({ SECRET }: Found) => `found a Muster API key: ${SECRET}` },
  TELEGRAM_TOKEN: { en: ({ SECRET }: Found) => `found a Telegram bot token: ${SECRET}` },
}

/** What the general rules do not know. `isReal` looks closer than a pattern can. */
const KINDS: { id: keyof typeof messages; pattern: RegExp; isReal?(found: string): boolean }[] = [
  // The checksum tells a key that was once made from one that shows in a document what keys look like.
  { id: 'MUSTER_KEY', pattern: /\bmst_[0-9A-Za-z]{36}\b/g, isReal: isKey },
  { id: 'TELEGRAM_TOKEN', pattern: /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g },
]

/** A rule of secretlint. `.secretlintrc.json` names it by its path as secretlint's own resolver sees it. */
export const creator = {
  messages,
  meta: { id: 'muster-secrets', type: 'scanner', recommended: true, supportedContentTypes: ['text'] },
  create(context: Context) {
    const say = context.createTranslator(messages)
    return {
      file({ content }: { content: string }): void {
        for (const { id, pattern, isReal } of KINDS) {
          for (const { 0: SECRET, index } of content.matchAll(pattern)) {
            if (isReal && !isReal(SECRET)) continue
            context.report({ message: say(id, { SECRET }), range: [index, index + SECRET.length] })
          }
        }
      },
    }
  },
}
