import { hashSecret } from '../ids.ts'
import { buttonToken } from './button-token.ts'
import type { Part } from './message.ts'

/** What is kept of a card's button: its command stays in the house. */
export interface CardButton {
  token: string
  command: string
  once: number
}

/**
 * A card with tokens in place of commands. The same button of the same card has the same token each time it is rendered,
 * so that a card which has not changed looks unchanged. A token is only a name for its command: whoever presses needs the
 * right to do what it says, as if they had typed it.
 */
export function withCardTokens(
  { seq, created_at_ms }: { seq: number; created_at_ms: number },
  parts: readonly Part[],
): { parts: Part[]; buttons: CardButton[] } {
  const kept: CardButton[] = []
  const shown = parts.map((part): Part => {
    if (part.type !== 'buttons') return part
    const buttons = part.buttons.map(({ command, once, ...button }) => {
      if (command === undefined) return button
      const token = buttonToken(created_at_ms, hashSecret(`card ${seq} ${created_at_ms} ${command}`))
      kept.push({ token, command, once: once ? 1 : 0 })
      return { ...button, token }
    })
    return { type: 'buttons', buttons }
  })
  return { parts: shown, buttons: kept }
}
