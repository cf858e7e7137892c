import { Skeleton } from '@mantine/core'
import { lazy, Suspense } from 'react'
import type { Part } from '#core/chat/message.ts'
import type { ShownForm } from './form/arrange.ts'
import { ButtonsPart } from './parts/buttons.tsx'
import { CodePart } from './parts/code.tsx'
import { FieldsPart } from './parts/fields.tsx'
import { FilePart } from './parts/file.tsx'
import { ListPart } from './parts/list.tsx'
import { MarkdownPart } from './parts/markdown.tsx'
import css from './parts/parts.module.css'
import { ProgressPart } from './parts/progress.tsx'
import { QuotePart } from './parts/quote.tsx'
import { TablePart } from './parts/table.tsx'
import { TextPart } from './parts/text.tsx'

// Its inputs are many, and most messages have none.
const FormView = lazy(() => import('./form/form.tsx'))

interface Props {
  part: Part | ShownForm
  /** Said by the reader: their words stay as they wrote them. */
  isOwn?: boolean
}

/** One part of a message. Everything in it is shown as text, whoever wrote it. */
export function PartView({ part, isOwn = false }: Props) {
  switch (part.type) {
    case 'text':
      return <TextPart text={part.text} style={part.style ?? 'plain'} isOwn={isOwn} />
    case 'markdown':
      return <MarkdownPart text={part.text} />
    case 'quote':
      return <QuotePart {...(part.title === undefined ? {} : { title: part.title })} of={part.of} />
    case 'fields':
      return <FieldsPart fields={part.fields} />
    case 'list':
      return <ListPart items={part.items} ordered={part.ordered ?? false} />
    case 'table':
      return <TablePart columns={part.columns} rows={part.rows} />
    case 'code':
      return <CodePart text={part.text} language={part.language ?? ''} />
    case 'buttons':
      return <ButtonsPart buttons={part.buttons} />
    case 'progress':
      return <ProgressPart title={part.title} status={part.status} steps={part.steps} />
    case 'file':
      return <FilePart file={part} />
    case 'form':
      return (
        <Suspense fallback={<Skeleton height={120 + 74 * part.fields.length} radius={12} maw={560} />}>
          <FormView shown={'buttons' in part ? part : { ...part, buttons: [] }} />
        </Suspense>
      )
    default:
      // A newer server than this page.
      return <p className={css.muted}>Reload the page to see this part of the message.</p>
  }
}
