import { readArtifact } from '#core/artifacts/store.ts'
import { showLive } from '#core/chat/live-web.ts'
import { text } from '#core/chat/message.ts'
import type { Outgoing, Sender, SendResult } from '#core/chat/sender.ts'
import { showOnWeb } from '#core/chat/web.ts'
import type { Core } from '#core/core.ts'

/** Edits of one card a second are as many as an eye can follow. */
const EDIT_MS = 300

/** Text that is being written goes to who looks on in this process, and nowhere else. */
const LIVE_MS = 300

/**
 * The web chat as a channel: its messages live in our own database, so a send is a write, and the same send again
 * replaces the same row. Nothing comes in here: the API stores what people say.
 */
export function createWebChannel(core: Pick<Core, 'db' | 'clock'>): Sender {
  const show = async (message: Outgoing, id: string): Promise<SendResult> => {
    const parts = message.onlyFor ? [text('Only you see this.', 'muted'), ...message.parts] : message.parts
    await showOnWeb(core, { id, conversation: message.conversation, cause: message.cause, parts })
    return { outcome: 'sent', messageRef: id }
  }
  return {
    name: 'web',
    pace: { editPrivateMs: EDIT_MS, editSharedMs: EDIT_MS },
    // The console shows them; where only text is shown, words answer them.
    forms: 'inline',
    live: {
      everyMs: LIVE_MS,
      isOffered: () => true,
      show: async (live) => (showLive(live) ? {} : 'off'),
      end: (at) => void showLive({ ...at, text: null }),
    },
    isPrivate: () => true,
    send: (message) => show(message, `msg_${message.key}`),
    edit: (messageRef, message) => show(message, messageRef),
    async download({ fetchRef }) {
      const file = await readArtifact(core.db, fetchRef)
      if (!file) throw new Error('That file is not there any more.')
      return file.bytes
    },
  }
}
