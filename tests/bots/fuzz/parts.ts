import type { Button, FormField, Part, ProgressStatus } from '#core/chat/message.ts'
import type { Random } from '#tests/crash/random.ts'
import { hostileText } from './texts.ts'

const STATUSES: ProgressStatus[] = ['pending', 'running', 'done', 'failed', 'skipped', 'cancelled', 'waiting']
const KINDS: FormField['kind'][] = ['text', 'multiline', 'number', 'integer', 'boolean', 'choice', 'json', 'file']
const MAKERS: { [Type in Part['type']]: (texts: Texts) => Extract<Part, { type: Type }> } = {
  text: (texts) => ({
    type: 'text',
    text: texts.next(),
    style: texts.pick(['plain', 'strong', 'muted', 'heading'] as const),
  }),
  markdown: (texts) => ({ type: 'markdown', text: texts.next() }),
  code: (texts) => ({ type: 'code', text: texts.next(), language: texts.pick(['ts', 'c++', '<b>', '']) }),
  quote: (texts) => ({
    type: 'quote',
    title: texts.short(),
    of: texts.pick([
      { type: 'markdown' as const, text: texts.next() },
      { type: 'code' as const, text: texts.next() },
    ]),
  }),
  list: (texts) => ({ type: 'list', items: texts.some(1, 5), ordered: texts.pick([true, false]) }),
  fields: (texts) => ({ type: 'fields', fields: texts.some(1, 4).map((label) => ({ label, value: texts.next() })) }),
  table: (texts) => {
    const columns = texts.some(1, 4)
    return { type: 'table', columns, rows: texts.times(0, 3, () => columns.map(() => texts.next())) }
  },
  progress: (texts) => ({
    type: 'progress',
    title: texts.short(),
    status: texts.pick(STATUSES),
    steps: texts.times(1, 5, () => ({ label: texts.short(), status: texts.pick(STATUSES), note: texts.short() })),
  }),
  buttons: (texts) => ({ type: 'buttons', buttons: texts.times(1, 4, () => button(texts)) }),
  file: (texts) => ({ type: 'file', artifactId: 'art_1', name: texts.next(), mediaType: 'text/plain', sizeBytes: 5 }),
  form: (texts) => ({
    type: 'form',
    formId: 'form_1',
    title: texts.short(),
    note: texts.next(),
    fields: texts.times(1, 3, () => field(texts)),
    submitLabel: texts.short(),
  }),
}

export const PART_TYPES = Object.keys(MAKERS) as Part['type'][]

function button(texts: Texts): Button {
  const label = texts.short()
  if (texts.pick([true, false])) {
    const confirm = { title: texts.short(), text: texts.next(), yes: texts.short(), no: texts.short() }
    return { label, token: texts.token(), ...(texts.pick([true, false]) ? { confirm } : {}) }
  }
  return { label, url: texts.pick(['https://example.org/a', 'http://localhost:3000/x', 'javascript:alert(1)']) }
}

const field = (texts: Texts): FormField => ({
  name: 'x',
  label: texts.short(),
  kind: texts.pick(KINDS),
  required: texts.pick([true, false]),
  value: texts.next(),
  problem: texts.short(),
})

/** A stream of texts, counted. */
class Texts {
  taken = 0
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  next(): string {
    this.taken++
    return hostileText(this.#random)
  }

  /** What is one line in a card or on a button. */
  short(): string {
    return this.next().slice(0, 120)
  }

  some(least: number, most: number): string[] {
    return this.times(least, most, () => this.next())
  }

  times<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: this.#random.whole(least, most + 1) }, make)
  }

  pick<T>(list: readonly T[]): T {
    return this.#random.pick(list)
  }

  token(): string {
    return `t${this.#random.whole(0, 1e9)}`
  }
}

/** Messages of one part each, every type in turn, until so many texts are in them. */
export function* hostileParts(random: Random, textsWanted: number): Generator<Part> {
  const texts = new Texts(random)
  for (let at = 0; texts.taken < textsWanted; at++) {
    const type = PART_TYPES[at % PART_TYPES.length] ?? 'text'
    yield MAKERS[type](texts)
  }
}
