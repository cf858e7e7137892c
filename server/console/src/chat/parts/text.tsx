import { useState } from 'react'
import { parseLinks, parseWords } from '../markdown/inline.ts'
import { Inlines } from '../markdown/inlines.tsx'
import css from './parts.module.css'
import { Words } from './words.tsx'

interface Props {
  text: string
  style: 'plain' | 'strong' | 'muted' | 'heading'
  isOwn: boolean
}

const LONG_CHARS = 2_500
const LONG_LINES = 24

/** Plain words. A very long text is folded until asked for. */
export function TextPart({ text, style, isOwn }: Props) {
  const [isOpen, setOpen] = useState(false)
  const isLong = text.length > LONG_CHARS || lines(text) > LONG_LINES
  const shown = isLong && !isOpen ? cut(text) : text
  // Small print is the bot's own, and often says what to say next.
  const words =
    style === 'muted' ? <Words text={shown} /> : <Inlines inlines={isOwn ? parseLinks(shown) : parseWords(shown)} />
  if (style === 'heading') return <h3 className={css.heading}>{words}</h3>
  return (
    <div className={css[style]}>
      {words}
      {isLong && (
        <button type="button" className={css.unfold} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Show less' : `Show all (${text.length.toLocaleString()} characters)`}
        </button>
      )}
    </div>
  )
}

const lines = (text: string): number => text.split('\n', LONG_LINES + 2).length

const cut = (text: string): string =>
  `${text.slice(0, LONG_CHARS).split('\n').slice(0, LONG_LINES).join('\n').trimEnd()}…`
