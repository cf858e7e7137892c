import { listIdentities } from '#core/accounts/identities.ts'
import { type Reply, reply } from '#core/chat/message.ts'
import { contextKey } from '#core/context.ts'
import type { FormTerms } from '#core/forms/form.ts'
import { openForm } from '#core/forms/open.ts'
import type { UserCall } from '../command.ts'

/**
 * Asks for what a command still needs, alone with whoever sent it. `line` is the command as it is carried out once that
 * is there (`call.filled`).
 */
export async function askAlone(call: UserCall, line: string, terms: Omit<FormTerms, 'hasOverview'>): Promise<Reply> {
  const { core, actor, incoming } = call
  const conversation = await ownConversation(call)
  const formId = await openForm(core, actor, {
    conversation,
    purpose: { kind: 'line', line, context: contextKey(actor.context) },
    terms: { ...terms, hasOverview: false },
  })
  if (conversation === incoming.conversation) return { parts: [], formId }
  const pointer = 'I asked you in private.'
  return { ...(incoming.button ? { parts: [] } : reply(pointer)), formId, notice: pointer }
}

/** Where nobody reads along, if the person has such a conversation on this channel. */
async function ownConversation({ core, actor, incoming }: UserCall): Promise<string> {
  if (incoming.isPrivate) return incoming.conversation
  const identities = await listIdentities(core.db, actor.accountId)
  const own = identities.find(
    ({ channel, externalId }) => channel === incoming.channel && externalId === incoming.sender.externalId,
  )
  return own?.privateConversation ?? incoming.conversation
}
