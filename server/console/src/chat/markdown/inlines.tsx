import { formatFull, formatMoment } from '../../format.ts'
import css from '../parts/parts.module.css'
import type { Inline } from './inline.ts'

/** Text and marks as elements. React escapes the text; links were checked when they were parsed. */
export function Inlines({ inlines }: { inlines: Inline[] }) {
  // The same text gives the same places: an index is a steady key here.
  // biome-ignore lint/suspicious/noArrayIndexKey: see above
  return inlines.map((inline, index) => <InlineView key={index} inline={inline} />)
}

function InlineView({ inline }: { inline: Inline }) {
  switch (inline.kind) {
    case 'text':
      return inline.text
    case 'moment':
      return (
        <time dateTime={new Date(inline.atMs).toISOString()} title={formatFull(inline.atMs)}>
          {formatMoment(inline.atMs)}
        </time>
      )
    case 'code':
      return <code className={css.inlineCode}>{inline.text}</code>
    case 'strong':
      return (
        <strong>
          <Inlines inlines={inline.children} />
        </strong>
      )
    case 'em':
      return (
        <em>
          <Inlines inlines={inline.children} />
        </em>
      )
    case 'link':
      return (
        <a href={inline.href} target="_blank" rel="noopener noreferrer nofollow" title={inline.href}>
          <Inlines inlines={inline.children} />
        </a>
      )
  }
}
