import css from './parts.module.css'
import { Words } from './words.tsx'

export function ListPart({ items, ordered }: { items: string[]; ordered: boolean }) {
  const List = ordered ? 'ol' : 'ul'
  return (
    <List className={css.list}>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items have no names
        <li key={index}>
          <Words text={item} />
        </li>
      ))}
    </List>
  )
}
