import { CHECKS, list, type Notes, textObject } from './limits.ts'

type Fields = Record<string, unknown>

const BLOCKS_MAX = 100
const BYTES_MAX = 250_000
const KNOWN = ['type', 'title', 'submit', 'close', 'blocks', 'callback_id', 'private_metadata', 'notify_on_close']

/** Slack's published limits for dialogs and the Home tab. What is wrong is what Slack would refuse. */
export function checkView(value: unknown, notes: Notes): void {
  const view = (value ?? {}) as Fields
  for (const name of Object.keys(view)) if (!KNOWN.includes(name)) notes.violate(`unknown field ${name} in a view`)
  if (Buffer.byteLength(JSON.stringify(view)) > BYTES_MAX) notes.refuse('view_too_large')
  for (const [name, max] of Object.entries({ callback_id: 255, private_metadata: 3000 })) {
    const given = view[name]
    if (given !== undefined && (typeof given !== 'string' || given.length > max))
      notes.refuse(`${name}: at most ${max}`)
  }
  const blocks = list(view.blocks, 1, BLOCKS_MAX, 'blocks', notes) as Fields[]
  if (view.type === 'modal') checkModal(view, blocks, notes)
  else if (view.type !== 'home') notes.refuse(`a view of type ${view.type}`)
  const seen = new Set<unknown>()
  blocks.forEach((block, index) => {
    const at: Notes = {
      refuse: (problem) => notes.refuse(`${problem} [json-pointer:/view/blocks/${index}]`),
      violate: (problem) => notes.violate(`${problem} [view block ${index}]`),
    }
    if (block.block_id !== undefined) {
      if (typeof block.block_id !== 'string' || block.block_id.length > 255) at.refuse('block_id: at most 255')
      if (seen.has(block.block_id)) at.refuse(`block_id ${block.block_id} occurs twice`)
      seen.add(block.block_id)
    }
    const check = block.type === 'input' && view.type === 'modal' ? checkInput : CHECKS[String(block.type)]
    // Plans belong to messages.
    if (check && block.type !== 'plan') check(block, at)
    else at.refuse(`a block of type ${block.type} in a view`)
  })
}

function checkModal({ title, submit, close, notify_on_close }: Fields, blocks: Fields[], notes: Notes): void {
  for (const words of [title, submit, close]) {
    if (words !== undefined) textObject(words, 24, notes, ['plain_text'])
  }
  if (title === undefined) notes.refuse('a dialog needs a title')
  if (submit === undefined && blocks.some(({ type }) => type === 'input')) notes.refuse('inputs need a submit')
  if (notify_on_close !== undefined && typeof notify_on_close !== 'boolean') notes.refuse('notify_on_close is a flag')
}

function checkInput({ label, hint, optional, element, block_id }: Fields, notes: Notes): void {
  textObject(label, 2000, notes, ['plain_text'])
  if (hint !== undefined) textObject(hint, 2000, notes, ['plain_text'])
  if (optional !== undefined && typeof optional !== 'boolean') notes.refuse('optional is a flag')
  if (block_id === undefined) notes.violate('an input without a block_id')
  const { type, action_id, placeholder } = (element ?? {}) as Fields
  if (typeof action_id !== 'string' || action_id.length > 255) notes.refuse('action_id: a string of at most 255')
  if (placeholder !== undefined) textObject(placeholder, 150, notes, ['plain_text'])
  const check = ELEMENTS[String(type)]
  if (check) check(element as Fields, notes)
  else notes.refuse(`an input of type ${type}`)
}

const ELEMENTS: Record<string, (element: Fields, notes: Notes) => void> = {
  plain_text_input: ({ initial_value, max_length }, notes) => {
    if (max_length !== undefined && !(Number(max_length) >= 1 && Number(max_length) <= 3000)) notes.refuse('max_length')
    if (initial_value === undefined) return
    if (typeof initial_value !== 'string' || initial_value.length > 3000) notes.refuse('initial_value: at most 3000')
    if (initial_value === '') notes.refuse('initial_value must not be empty')
  },
  number_input: ({ is_decimal_allowed, initial_value }, notes) => {
    if (typeof is_decimal_allowed !== 'boolean') notes.refuse('is_decimal_allowed is a flag')
    if (initial_value === undefined) return
    const fits = is_decimal_allowed ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/
    if (!fits.test(String(initial_value))) notes.refuse(`initial_value ${initial_value} is no such number`)
  },
  radio_buttons: ({ options, initial_option }, notes) => checkOptions(options, 10, initial_option, notes),
  static_select: ({ options, option_groups, initial_option }, notes) => {
    if ((options === undefined) === (option_groups === undefined)) notes.refuse('either options or option_groups')
    if (options !== undefined) return checkOptions(options, 100, initial_option, notes)
    const groups = list(option_groups, 1, 100, 'option groups', notes) as Fields[]
    for (const { label } of groups) textObject(label, 75, notes, ['plain_text'])
    for (const group of groups) checkOptions(group.options, 100, undefined, notes)
    const all = groups.flatMap((group) => group.options)
    if (initial_option !== undefined && !isAmong(all, initial_option)) notes.refuse('initial_option is none of them')
  },
  file_input: ({ max_files }, notes) => {
    if (max_files !== undefined && !(Number(max_files) >= 1 && Number(max_files) <= 10))
      notes.refuse('max_files: 1 to 10')
  },
}

function checkOptions(options: unknown, max: number, initial: unknown, notes: Notes): void {
  const all = list(options, 1, max, 'options', notes) as Fields[]
  for (const { text, value } of all) {
    textObject(text, 75, notes, ['plain_text'])
    if (typeof value !== 'string' || value.length < 1 || value.length > 75) notes.refuse('value: 1 to 75 characters')
  }
  if (new Set(all.map(({ value }) => value)).size < all.length) notes.refuse('the same value twice')
  if (initial !== undefined && !isAmong(all, initial)) notes.refuse('initial_option is none of them')
}

const isAmong = (options: unknown[], one: unknown): boolean =>
  options.some((option) => JSON.stringify(option) === JSON.stringify(one))
