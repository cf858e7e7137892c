import type { SlackPeer } from '#tests/peers/slack/index.ts'
import type { Heard, Voice } from './voice.ts'

/** A person in a direct message with the bot. */
export async function slackVoice(peer: SlackPeer, userId: string): Promise<Voice> {
  const place = await peer.direct(userId)
  return {
    channel: `Slack (${userId})`,
    async say(text, file) {
      // What somebody types reaches a bot with Slack's three characters escaped.
      if (file) await peer.share(place, userId, file, escapeForSlack(text))
      else await peer.say(place, userId, escapeForSlack(text))
    },
    press: (message, label) => peer.press(place, userId, message.id, label),
    async heard() {
      const own = (await peer.messages(place)).filter(({ fromBot }) => fromBot)
      return Promise.all(
        own.map(
          async ({ ts, text, buttons, asking, files }): Promise<Heard> => ({
            id: ts,
            text,
            buttons,
            asking,
            // Slack tells the type of a file by its name; none is sent along.
            files: await Promise.all(
              files.map(async (file) => ({ name: file.name, mediaType: undefined, bytes: await peer.fileBytes(file) })),
            ),
          }),
        ),
      )
    },
  }
}

/** Text as somebody types it, in Slack's own writing. */
export const escapeForSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
