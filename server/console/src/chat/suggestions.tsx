import { useEffect, useRef } from 'react'
import type { CommandInfo } from '../api/types.ts'
import css from './composer.module.css'
import { nameOf } from './suggest.ts'

interface Props {
  id: string
  commands: CommandInfo[]
  index: number
  onPick: (command: CommandInfo) => void
}

export const optionId = (id: string, index: number): string => `${id}-${index}`

/** The commands that fit what is being typed. The text field keeps the focus and drives it by keys. */
export function Suggestions({ id, commands, index, onPick }: Props) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.children[index]?.scrollIntoView({ block: 'nearest' })
  }, [index])
  return (
    <div className={css.suggestions} role="listbox" id={id} aria-label="Commands" ref={list} data-testid="suggestions">
      {commands.map((command, at) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the text field, which keeps the focus
        <div
          key={command.command}
          id={optionId(id, at)}
          role="option"
          aria-selected={at === index}
          tabIndex={-1}
          className={css.suggestion}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(command)}
        >
          <span className={css.suggestionName}>/{nameOf(command)}</span>
          <span className={css.suggestionText}>{command.summary}</span>
        </div>
      ))}
    </div>
  )
}
