import type { Json, JsonObject } from '../api/types.ts'
import { CodePart } from '../chat/parts/code.tsx'
import { FilePart } from '../chat/parts/file.tsx'
import { MarkdownPart } from '../chat/parts/markdown.tsx'
import { TablePart } from '../chat/parts/table.tsx'
import { TextPart } from '../chat/parts/text.tsx'
import css from './runs.module.css'
import { shapeOf } from './shape.ts'

const ROWS_MAX = 200
const JSON_MAX_CHARS = 100_000
/** Longer ones are plain text, which is folded. */
const PROSE_MAX_CHARS = 20_000

interface ValuesProps {
  values: JsonObject
  /** Texts are written to be read, as results are: shown as in the chat. */
  isProse?: boolean
}

/** What a step or a run was given or brought, by its names. */
export function Values({ values, isProse = false }: ValuesProps) {
  const names = Object.keys(values)
  if (names.length === 0) return <p className={css.quiet}>Nothing.</p>
  return (
    <dl className={css.values}>
      {names.map((name) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Value value={values[name] ?? null} isProse={isProse} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Text as text, flat lists as tables, files to be downloaded, and everything else as JSON. */
function Value({ value, isProse }: { value: Json; isProse: boolean }) {
  const shape = shapeOf(value)
  switch (shape.kind) {
    case 'nothing':
      return <span className={css.quiet}>{shape.words}</span>
    case 'text':
      if (isProse && shape.text.length <= PROSE_MAX_CHARS) return <MarkdownPart text={shape.text} />
      return <TextPart text={shape.text} style="plain" isOwn />
    case 'file':
      return <FilePart file={shape.file} />
    case 'table': {
      const rows = shape.rows.slice(0, ROWS_MAX)
      return (
        <>
          <TablePart columns={shape.columns} rows={rows} />
          {rows.length < shape.rows.length && (
            <p className={css.quiet}>{`The first ${ROWS_MAX} of ${shape.rows.length}.`}</p>
          )}
        </>
      )
    }
    case 'json': {
      const isWhole = shape.text.length <= JSON_MAX_CHARS
      return (
        <CodePart
          text={isWhole ? shape.text : shape.text.slice(0, JSON_MAX_CHARS)}
          language={isWhole ? 'json' : `json · the first ${JSON_MAX_CHARS.toLocaleString()} characters`}
        />
      )
    }
  }
}
