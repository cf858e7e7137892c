import type { QuotePart as Quote } from '#core/chat/message.ts'
import { CodePart } from './code.tsx'
import { MarkdownPart } from './markdown.tsx'
import css from './quote.module.css'

/** What others made, in a box of its own: nothing in it can be taken for what the bot says around it. */
export function QuotePart({ title, of }: Omit<Quote, 'type'>) {
  return (
    <figure className={css.quote} aria-label={title ?? 'Quoted'} data-testid="quote">
      {title !== undefined && <figcaption className={css.title}>{title}</figcaption>}
      {of.type === 'code' ? <CodePart text={of.text} language={of.language ?? ''} /> : <MarkdownPart text={of.text} />}
    </figure>
  )
}
