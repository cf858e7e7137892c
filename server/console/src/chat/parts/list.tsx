import { parseLinks } from '../markdown/inline.ts'
import { Inlines } from '../markdown/inlines.tsx'
import css from './parts.module.css'

export function ListPart({ items, ordered }: { items: string[]; ordered: boolean }) {
  const List = ordered ? 'ol' : 'ul'
  return (
    <List className={css.list}>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items have no names
        <li key={index}>
          <Inlines inlines={parseLinks(item)} />
        </li>
      ))}
    </List>
  )
}
