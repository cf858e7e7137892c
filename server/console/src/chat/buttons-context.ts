import { createContext } from 'react'
import type { SendAnswer } from '../api/types.ts'

interface Buttons {
  /** Tokens of the buttons that are on their way to the server. */
  pending: ReadonlySet<string>
  press: (token: string, label: string) => void
  /** Puts a command where one writes, to be sent or gone on with. */
  onCommand: (text: string) => void
  /** Something was said from within a message: what came of it. */
  onAnswer: (answer: SendAnswer) => void
}

/** How a button deep in a message reaches the conversation. */
export const ButtonsContext = createContext<Buttons>({
  pending: new Set(),
  press: () => {},
  onCommand: () => {},
  onAnswer: () => {},
})
