import { readArtifact } from '#core/artifacts/store.ts'
import type { Outgoing, Sender, SendResult } from '#core/chat/sender.ts'
import type { Core } from '#core/core.ts'
import { keepAnswer } from '#core/rules/answers.ts'

/** Cards are kept as they end; what lies between nobody sees. */
const EDIT_MS = 1_000

/**
 * Where rules speak: what is answered to their commands is kept with the fire, whose id is the conversation. A question stays
 * a question, because nobody is there to answer it.
 */
export function createRuleChannel(core: Pick<Core, 'db' | 'clock'>): Sender {
  const keep = async ({ conversation, parts }: Outgoing, key: string): Promise<SendResult> => {
    await keepAnswer(core, { fireId: conversation, key, parts })
    return { outcome: 'sent', messageRef: key }
  }
  return {
    name: 'rule',
    pace: { editPrivateMs: EDIT_MS, editSharedMs: EDIT_MS },
    isPrivate: () => true,
    send: (message) => keep(message, message.key),
    edit: (messageRef, message) => keep(message, messageRef),
    async download({ fetchRef }) {
      const file = await readArtifact(core.db, fetchRef)
      if (!file) throw new Error('That file is not there any more.')
      return file.bytes
    },
  }
}
