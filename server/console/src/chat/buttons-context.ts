import { createContext } from 'react'

interface Buttons {
  /** Tokens of the buttons that are on their way to the server. */
  pending: ReadonlySet<string>
  press: (token: string, label: string) => void
}

/** How a button deep in a message reaches the conversation. */
export const ButtonsContext = createContext<Buttons>({ pending: new Set(), press: () => {} })
