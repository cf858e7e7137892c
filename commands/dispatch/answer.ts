import type { Incoming } from '#core/chat/message.ts'
import type { Sender } from '#core/chat/sender.ts'
import type { Core } from '#core/core.ts'
import { type Answered, answerForm, isAsked } from '#core/forms/fill.ts'
import { parseLine } from '../grammar.ts'
import { commandNamed } from '../index.ts'
import { presser, senderOf } from './sender.ts'

interface Message {
  core: Core
  incoming: Incoming
  requestKey: string
  forms: Sender['forms']
}

/** Words without a slash, or a file, from somebody who was asked for them: what became of them as an answer. */
export async function answerOf({ core, incoming, requestKey, forms }: Message): Promise<Answered | undefined> {
  const { text, conversation } = incoming
  const [file] = incoming.files
  if (text.trim() === '' && !file) return undefined
  // Who can fill in a form as one may mean a command by a bare word; among others, words are talk.
  if (forms && (isCommand(text) || (forms === 'dialog' && !incoming.isPrivate))) return undefined
  const account = await senderOf(core, incoming, { admit: false })
  const person = account && presser(account, incoming, requestKey)
  if (!person || !(await isAsked(core, person, conversation))) return undefined
  return answerForm(core, person, { conversation, text, ...(file ? { file } : {}) })
}

function isCommand(text: string): boolean {
  const bare = parseLine(text, { bare: true })
  return bare.kind === 'command' && commandNamed(bare.name) !== undefined
}
