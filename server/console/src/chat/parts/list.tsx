import { use } from 'react'
import { useCommands } from '../../api/queries.ts'
import { ButtonsContext } from '../buttons-context.ts'
import { parseLinks } from '../markdown/inline.ts'
import { Inlines } from '../markdown/inlines.tsx'
import { nameOf } from '../suggest.ts'
import css from './parts.module.css'

export function ListPart({ items, ordered }: { items: string[]; ordered: boolean }) {
  const List = ordered ? 'ol' : 'ul'
  return (
    <List className={css.list}>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items have no names
        <li key={index}>
          <Item text={item} />
        </li>
      ))}
    </List>
  )
}

/** An item that begins with a command that there is offers it: a click puts it where one writes, and sends nothing. */
function Item({ text }: { text: string }) {
  const { onCommand } = use(ButtonsContext)
  const commands = useCommands().data
  const [, name = ''] = /^\/([a-z0-9_]+)(?=\s|$)/.exec(text) ?? []
  if (name === '' || !commands?.some((one) => nameOf(one) === name)) return <Inlines inlines={parseLinks(text)} />
  return (
    <>
      <button type="button" className={css.command} onClick={() => onCommand(`/${name} `)} data-testid="command">
        /{name}
      </button>
      <Inlines inlines={parseLinks(text.slice(name.length + 1))} />
    </>
  )
}
