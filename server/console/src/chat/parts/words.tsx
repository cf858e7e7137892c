import { use } from 'react'
import { useCommands } from '../../api/queries.ts'
import { ButtonsContext } from '../buttons-context.ts'
import { parseWords } from '../markdown/inline.ts'
import { Inlines } from '../markdown/inlines.tsx'
import { nameOf } from '../suggest.ts'
import css from './parts.module.css'

const COMMAND = /(?<=^|\s)\/[a-z0-9_]{1,32}(?=[\s.,;:)]|$)/g

/** The bot's words with moments and links in them, and with commands: a click puts a command where one writes, and sends nothing. */
export function Words({ text }: { text: string }) {
  const { onCommand } = use(ButtonsContext)
  const commands = useCommands().data ?? []
  // Only what there is: others write about paths and fractions.
  const names = new Set(commands.map(nameOf))
  const found = [...text.matchAll(COMMAND)].filter(([word]) => names.has(word.slice(1)))
  if (found.length === 0) return <Inlines inlines={parseWords(text)} />
  let from = 0
  const shown = found.map(({ 0: word, index }) => {
    const before = text.slice(from, index)
    from = index + word.length
    return (
      <span key={index}>
        <Inlines inlines={parseWords(before)} />
        <button type="button" className={css.command} onClick={() => onCommand(`${word} `)} data-testid="command">
          {word}
        </button>
      </span>
    )
  })
  return (
    <>
      {shown}
      <Inlines inlines={parseWords(text.slice(from))} />
    </>
  )
}
