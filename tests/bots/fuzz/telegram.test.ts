import type { Message, MessageEntity } from 'grammy/types'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Part } from '#core/chat/message.ts'
import { outgoing, type Rig, rig } from '#tests/bots/telegram/support.ts'
import { Random } from '#tests/crash/random.ts'
import type { CallRecord, ChatRecord, UploadedFile } from '#tests/peers/telegram/index.ts'
import { difference, isUnseen, lettersLost, wordsIn } from './meaning.ts'
import { hostileParts, PART_TYPES } from './parts.ts'
import { TEXTS } from './texts.ts'

const SEED = Number(process.env.SEED ?? 20_261_126)

/** Telegram takes out control characters, ends of lines of other kinds and marks of direction; we, the isolating ones too. */
const essence = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll('@\u2060', '@')
    .replaceAll(/[\s\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, '')

const ASKED: Partial<Record<Part['type'], readonly MessageEntity['type'][]>> = {
  text: ['bold', 'italic'],
  code: ['pre'],
  fields: ['bold'],
  table: ['pre', 'bold'],
  progress: ['bold', 'italic'],
  markdown: ['bold', 'italic', 'strikethrough', 'code', 'pre', 'text_link'],
  quote: [
    ...([
      'blockquote',
      'expandable_blockquote',
      'bold',
      'italic',
      'strikethrough',
      'code',
      'pre',
      'text_link',
    ] as const),
  ],
}

describe(`hostile texts on Telegram, seed ${SEED}`, () => {
  let stage: Rig
  let group: ChatRecord
  const seen = new Set<Part['type']>()

  beforeAll(async () => {
    stage = await rig()
    const ann = stage.peer.user({ firstName: 'Ann', username: 'ann_muster' })
    group = stage.peer.supergroup({ title: 'Team', members: [ann] })
  })
  afterAll(() => stage.end())

  it('are read as they were written: no name calls, no link leads elsewhere, nothing is lost', {
    timeout: 240_000,
  }, async () => {
    let at = 0
    for (const part of hostileParts(new Random(SEED), TEXTS)) {
      const shown = await show(part)
      const problem = problemOf(part, shown)
      expect(problem && { problem, part, shown: shown.map(({ text }) => text) }).toBeUndefined()
      seen.add(part.type)
      at++
    }
    expect([...seen].toSorted()).toEqual(PART_TYPES.toSorted())
    expect(at).toBeGreaterThan(TEXTS / 10)
    expect(stage.peer.violations).toEqual([])
  })

  /** Sends it, and gives what Telegram made of it. */
  async function show(part: Part): Promise<Shown[]> {
    const before = stage.peer.calls.length
    const result = await stage.channel.send(outgoing(group.id, [part]))
    const shown = stage.peer.calls.slice(before).map(shownBy)
    if (shown.length === 0) expect(result).toMatchObject({ outcome: 'refused', reason: 'There is nothing in it.' })
    else expect(result.outcome).toBe('sent')
    return shown
  }
})

/** A message as Telegram keeps it, with the entities it was given and those it found by itself. */
interface Shown {
  text: string
  entities: readonly MessageEntity[]
  buttons: readonly string[]
  file?: UploadedFile
}

const isUpload = (value: unknown): value is UploadedFile =>
  typeof value === 'object' && value !== null && 'bytes' in value

const FOUND = new Set<string>(['url', 'email', 'bot_command', 'mention', 'hashtag', 'cashtag'])

function shownBy({ result, params }: CallRecord): Shown {
  const file = Object.values(params).find(isUpload)
  const { text, caption, entities, caption_entities, reply_markup } = result as Message
  return {
    text: text ?? caption ?? '',
    entities: entities ?? caption_entities ?? [],
    buttons: (reply_markup?.inline_keyboard ?? []).flat().map((button) => button.text),
    ...(file ? { file } : {}),
  }
}

function problemOf(part: Part, shown: readonly Shown[]): string | undefined {
  const whole = shown.find(({ file }) => file?.name === 'whole-text.txt')
  const text = whole ? (whole.file?.bytes.toString() ?? '') : shown.map((message) => message.text).join('\n')
  return (
    calledBy(shown) ??
    unasked(part, shown) ??
    missing(part, text, shown) ??
    (part.type === 'quote' ? unquoted(shown) : undefined)
  )
}

/** What stands in a quote and has no bar beside it. */
function unquoted(shown: readonly Shown[]): string | undefined {
  const bare = shown.find(
    ({ text, entities }) =>
      text !== '' &&
      !entities.some(
        ({ type, offset, length }) => type.endsWith('blockquote') && offset === 0 && length === text.length,
      ),
  )
  return bare && `stands outside of its quote: ${JSON.stringify(bare.text)}`
}

/** Whom Telegram itself would call, by what it finds in a text. */
function calledBy(shown: readonly Shown[]): string | undefined {
  const found = shown.flatMap(({ entities }) => entities)
  const call = found.find(({ type }) => type === 'mention' || type === 'text_mention')
  return call && `calls somebody: ${JSON.stringify(call)}`
}

function unasked(part: Part, shown: readonly Shown[]): string | undefined {
  for (const { entities } of shown) {
    for (const entity of entities.filter(({ type }) => !FOUND.has(type))) {
      if (!ASKED[part.type]?.includes(entity.type)) return `has an entity nobody asked for: ${JSON.stringify(entity)}`
      const isWritten = entity.type !== 'text_link' || writtenIn(part).includes(entity.url.replace(/\/$/, ''))
      if (!isWritten) return `leads where nobody wrote: ${JSON.stringify(entity)}`
    }
  }
  return undefined
}

const writtenIn = (part: Part): string => ('text' in part ? part.text : part.type === 'quote' ? part.of.text : '')

function missing(part: Part, text: string, shown: readonly Shown[]): string | undefined {
  switch (part.type) {
    case 'quote':
    case 'markdown': {
      const source = part.type === 'quote' ? `${part.title}\n${part.of.text}` : part.text
      const links = shown.flatMap(({ entities }) => entities.map((entity) => ('url' in entity ? entity.url : '')))
      return lettersLost(source, [text, ...links].join('\n'), essence)
    }
    case 'file':
      return shown[0]?.file?.bytes.toString() === 'bytes' ? undefined : 'the file did not arrive'
    case 'buttons':
      return buttonsMissing(part, shown)
    case 'table': {
      // Where a row is a small list, its first cell names it, and the first of several columns has no name beside it.
      const columns = part.columns.length > 1 && part.rows.length > 0 ? part.columns.slice(1) : part.columns
      const names = columns.filter(
        (_, index) =>
          part.rows.length === 0 || part.rows.some((row) => essence(row.at(-columns.length + index) ?? '') !== ''),
      )
      const lost = [...names, ...part.rows.flat()].find((cell) => !essence(text).includes(essence(cell)))
      return lost === undefined ? undefined : `missing ${JSON.stringify(lost)}`
    }
    default:
      return difference(wordsIn(part), text, essence)
  }
}

/** A button begins with its label; what is too long for one is cut. */
function buttonsMissing({ buttons }: Extract<Part, { type: 'buttons' }>, shown: readonly Shown[]): string | undefined {
  const labels = shown.flatMap((message) => message.buttons)
  const beside = shown.map(({ text }) => text).join('\n')
  for (const { label, token, url } of buttons) {
    if (token === undefined && url?.startsWith('javascript:')) continue
    const wish = essence(label)
    const isThere = labels.some(
      (one) => wish.startsWith(essence(one).replace(/…$/, '')) || (isUnseen(wish) && one === '·'),
    )
    if (!isThere && !essence(beside).includes(wish)) return `no button for ${JSON.stringify(label)}`
  }
  return undefined
}
