import type { Reply } from '#core/chat/message.ts'
import { contextKey } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { openForm } from '#core/forms/open.ts'
import type { JsonObject } from '#core/json.ts'
import type { JsonSchema } from '#core/schema.ts'
import type { Command, Delivery, Sender } from '../command.ts'
import type { CommandLine } from '../grammar/line.ts'
import { renderLine } from '../grammar/render.ts'
import { type Argument, isLiteral } from '../grammar/spec.ts'

/** What a command cannot do without, when its name alone was said: that is asked for, where an error would only explain it. */
export function missingArguments(line: CommandLine, { args }: Command): Argument[] {
  const isBare = line.tokens.length === 0 && line.text.slice(line.end).trim() === ''
  return isBare ? neededOf(args) : []
}

const neededOf = (args: Command['args']): Argument[] =>
  args.flatMap((slot) => (isLiteral(slot) || slot.optional ? [] : [slot]))

/** Asks for them, one by one or in a dialog. */
export async function askForArguments(
  { core, incoming }: { core: Core; incoming: Delivery },
  { name, summary }: Command,
  { actor }: Sender,
  missing: readonly Argument[],
): Promise<Reply> {
  const formId = await openForm(core, actor, {
    conversation: incoming.conversation,
    purpose: { kind: 'line', line: `/${name}`, context: contextKey(actor.context) },
    terms: {
      title: summary,
      submitLabel: 'Go on',
      hasOverview: false,
      inputSchema: {
        type: 'object',
        properties: Object.fromEntries(missing.map((argument) => [argument.name, schemaOf(argument)])),
        required: missing.map((argument) => argument.name),
      },
    },
  })
  return { parts: [], formId }
}

const schemaOf = ({ name, label, summary, choices }: Argument): JsonSchema => ({
  type: 'string',
  title: capital(label ?? name),
  ...(summary === undefined ? {} : { description: summary }),
  ...(choices ? { enum: [...choices] } : { minLength: 1 }),
})

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

/** The line as if what was filled in had been said with it; undefined when a form filled in something else. */
export function lineWith({ name, args }: Command, filled: JsonObject): string | undefined {
  const needed = neededOf(args)
  if (needed.length === 0 || !needed.every((argument) => typeof filled[argument.name] === 'string')) return undefined
  const wordOf = (argument: Argument): string => String(filled[argument.name])
  const words = args.flatMap((slot) => {
    if (isLiteral(slot)) return slot.optional ? [] : [slot.literal]
    return slot.optional || slot.kind === 'text' ? [] : [wordOf(slot)]
  })
  const text = needed.find(({ kind }) => kind === 'text')
  return renderLine(name, { words, ...(text ? { text: wordOf(text) } : {}) })
}
