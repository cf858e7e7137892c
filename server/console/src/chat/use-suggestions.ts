import { type KeyboardEvent, useState } from 'react'
import type { CommandInfo } from '../api/types.ts'
import { matchCommands, nameOf } from './suggest.ts'

interface Options {
  commands: CommandInfo[]
  text: string
  onComplete: (text: string) => void
}

/** The popup of commands: which are shown, which is chosen, and what the keys do. */
export function useSuggestions({ commands, text, onComplete }: Options) {
  const [closedFor, setClosedFor] = useState<string>()
  // Moving with the arrows is a choice; only then Enter takes it instead of sending what is typed.
  const [choice, setChoice] = useState<{ for: string; index: number }>()
  const shown = closedFor === text ? [] : matchCommands(commands, text)
  const hasChosen = choice?.for === text
  const index = hasChosen ? Math.min(choice.index, shown.length - 1) : 0

  const complete = (command: CommandInfo): void => onComplete(`/${nameOf(command)} `)
  const move = (by: number): void => setChoice({ for: text, index: (index + by + shown.length) % shown.length })

  /** True when the key was for the popup. */
  const onKey = (event: KeyboardEvent): boolean => {
    const chosen = shown[index]
    if (!chosen) return false
    if (event.key === 'ArrowDown') move(hasChosen ? 1 : shown.length > 1 ? 1 : 0)
    else if (event.key === 'ArrowUp') move(-1)
    else if (event.key === 'Escape') setClosedFor(text)
    else if (event.key === 'Tab' && !event.shiftKey) complete(chosen)
    else if (event.key === 'Enter' && !event.shiftKey && hasChosen) complete(chosen)
    else return false
    return true
  }

  return { shown, index, onKey, complete }
}
