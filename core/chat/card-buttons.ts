import { putButton } from '#db/chat.ts'
import type { Tx } from '#db/db.ts'
import { sha256 } from '../ids.ts'
import type { Part } from './message.ts'

export interface CardButton {
  token: string
  command: string
  once: boolean
}

/**
 * The parts of a card with tokens in place of the commands. A card is made anew for each delivery, so its tokens follow
 * from what they stand for, and the same button is the same each time. They need not be secret: pressing one is saying
 * its command, with the rights of whoever presses.
 */
export function withCardTokens(cardKey: string, parts: readonly Part[]): { parts: Part[]; buttons: CardButton[] } {
  const buttons: CardButton[] = []
  const shown = parts.map((part): Part => {
    if (part.type !== 'buttons') return part
    return {
      type: 'buttons',
      buttons: part.buttons.map(({ command, once = false, ...button }) => {
        if (command === undefined) return button
        const token = sha256(`${cardKey}\n${command}`).slice(0, TOKEN_LENGTH)
        buttons.push({ token, command, once })
        return { ...button, token }
      }),
    }
  })
  return { parts: shown, buttons }
}

const TOKEN_LENGTH = 43

/** Keeps what the buttons stand for; those that are known already stay as they are. */
export async function keepCardButtons(tx: Tx, buttons: readonly CardButton[], nowMs: number): Promise<void> {
  for (const { token, command, once } of buttons) await putButton.run(tx, { token, command, once: once ? 1 : 0, nowMs })
}
