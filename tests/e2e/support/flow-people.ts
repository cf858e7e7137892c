import type { SlackPeer } from '#tests/peers/slack/index.ts'
import type { TelegramPeer } from '#tests/peers/telegram/index.ts'
import { type Counted, counting } from './counting.ts'
import { slackVoice } from './slack-voice.ts'
import { telegramVoice } from './telegram-voice.ts'
import { type Heard, hear } from './voice.ts'

/** Somebody who plays a flow, with the hands that their platform gives them. */
export interface Player extends Counted {
  /**
   * Gives what a form asks for, by its labels, and sends it: question by question where there are no dialogs. `send` is the
   * button that sends it in the end, where there is one.
   */
  fill(before: readonly Heard[], answers: Record<string, string>, send?: string): Promise<void>
}

export function telegramPlayer(peer: TelegramPeer, name: string): Player {
  const user = peer.user({ firstName: name, username: name.toLowerCase() })
  const voice = counting(telegramVoice(peer, user))
  return {
    ...voice,
    async fill(before, answers, send) {
      for (const [label, answer] of Object.entries(answers)) {
        const question = await hear(voice, before, ({ text, buttons }) => isQuestion(text, buttons, label))
        if (question.buttons.includes(answer)) await voice.press(question, answer)
        else await voice.say(answer)
      }
      if (send === undefined) return
      const overview = await hear(voice, before, ({ buttons }) => buttons.includes(send) || buttons.includes('Skip'))
      // What can be left out is asked for too.
      if (!overview.buttons.includes(send)) await voice.press(overview, 'Skip')
      await voice.press(await hear(voice, before, ({ buttons }) => buttons.includes(send)), send)
    },
  }
}

/** Asked now: the label stands by itself or before what it means, and the form can be called off. */
const isQuestion = (text: string, buttons: readonly string[], label: string): boolean =>
  buttons.includes('Cancel') && (new RegExp(`(^|\\n)${label}(:|\\n|$)`).test(text) || label === 'Reason')

export async function slackPlayer(peer: SlackPeer, userId: string): Promise<Player> {
  const place = await peer.direct(userId)
  const typed = await slackVoice(peer, userId)
  const voice = counting({
    ...typed,
    // What somebody types with a slash in front is a slash command there.
    say: (text) => peer.slash(place, userId, '/muster', text.replace(/^\//, '')),
  })
  return {
    ...voice,
    async fill(_, answers) {
      await peer.surfaces.waitForDialog(userId)
      const wrong = await peer.surfaces.submit(userId, answers)
      if (Object.keys(wrong).length > 0) throw new Error(`The dialog was refused: ${JSON.stringify(wrong)}`)
      voice.count.tapped++
    },
  }
}
