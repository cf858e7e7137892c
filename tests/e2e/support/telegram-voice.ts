import type { User } from 'grammy/types'
import type { ChatRecord, MessageView, TelegramPeer } from '#tests/peers/telegram/index.ts'
import type { Heard, Voice } from './voice.ts'

/** A person in a private chat with the bot, or in a group. */
export function telegramVoice(peer: TelegramPeer, user: User, chat: ChatRecord = peer.privateChat(user)): Voice {
  return {
    channel: `Telegram (${user.first_name})`,
    async say(text, file) {
      if (file) peer.sendFile(chat, user, { ...file, mimeType: file.mediaType, caption: text })
      else peer.sendText(chat, user, text)
    },
    async press(message, label) {
      await peer.pressButton(chat, user, Number(message.id), label)
    },
    heard: async () =>
      peer
        .messages(chat)
        .filter(({ fromBot }) => fromBot)
        .map(heardOf),
  }
}

// The joiners in a text keep Telegram from making links of words; nobody sees them.
const heardOf = ({ messageId, text, buttons, files }: MessageView): Heard => ({
  id: String(messageId),
  text: text.replaceAll('\u2060', ''),
  buttons,
  // Telegram tells the type of a file by its name, whatever was said when it was sent.
  files: files.map(({ name, bytes }) => ({ name, mediaType: undefined, bytes })),
})
