import type { Block, FormFile, ViewView } from './types.ts'

type Fields = Record<string, unknown>
type Given = string | FormFile | null

/** What a person puts into a dialog's fields, by their labels: as Slack's client lets them, and as it tells of it. */
export function stateOf(view: ViewView, given: Readonly<Record<string, Given>>, { isChecked = true } = {}): Fields {
  const inputs = view.blocks.filter(({ type }) => type === 'input')
  const labels = inputs.map(labelOf)
  for (const label of Object.keys(given)) {
    if (!labels.includes(label)) throw new Error(`The dialog asks for ${labels.join(', ')}, not for ${label}`)
  }
  const values = inputs.map((block) => {
    const element = block.element as Fields
    const label = labelOf(block)
    const value = label in given ? (given[label] ?? null) : initialOf(element)
    if (isChecked && value === null && block.optional !== true) throw new Error(`Slack does not send without ${label}`)
    return [block.block_id, { [String(element.action_id)]: stateOfInput(element, value) }]
  })
  return { values: Object.fromEntries(values) as Fields }
}

const labelOf = (block: Block): string => (block.label as { text: string }).text

/** What stands in a field before anybody does anything. */
function initialOf({ type, initial_value, initial_option }: Fields): string | null {
  if (type === 'radio_buttons' || type === 'static_select') {
    return (initial_option as { text: { text: string } } | undefined)?.text.text ?? null
  }
  return (initial_value as string | undefined) ?? null
}

function stateOfInput(element: Fields, value: Given): Fields {
  const { type, max_length } = element
  if (type === 'file_input') return { type, files: value === null ? [] : [value] }
  if (type === 'radio_buttons' || type === 'static_select') return { type, selected_option: optionOf(element, value) }
  if (typeof value === 'string' && value.length > Number(max_length ?? 3000)) throw new Error('Too long for the field')
  if (type === 'number_input' && value !== null && !/^-?\d+(\.\d+)?$/.test(String(value))) {
    throw new Error(`Slack takes no ${value} in a field for numbers`)
  }
  return { type, value }
}

function optionOf({ options, option_groups }: Fields, value: Given): unknown {
  if (value === null) return null
  const groups = (option_groups ?? [{ options }]) as { options: { text: { text: string } }[] }[]
  const found = groups.flatMap((group) => group.options).find(({ text }) => text.text === value)
  if (!found) throw new Error(`There is no ${value} to choose`)
  return found
}
