import type { MessageEntity } from 'grammy/types'
import type { Part } from '#core/chat/message.ts'
import { plainText } from '#core/chat/plain.ts'
import { type Keyboard, keyboardOf } from './keyboard.ts'
import { partText } from './parts.ts'
import { concat, isBlank, join, plain, type Rich, styled, withoutPings } from './rich.ts'
import { cut, split, TEXT_MAX } from './split.ts'

type FilePart = Part & { type: 'file' }

/** One Telegram message, ready to be sent but for the bytes of a file. */
export type Rendered = TextMessage | FileMessage

export interface TextMessage {
  kind: 'text'
  text: string
  entities: MessageEntity[]
  keyboard?: Keyboard
}

export interface FileMessage {
  kind: 'file'
  name: string
  /** One of ours, or the text itself where it is too long to be read in a chat. */
  source: { artifactId: string } | { text: string }
  caption?: string
  keyboard?: Keyboard
}

export interface RenderOptions {
  /** Others read along: names in the text must not call anyone. */
  isShared: boolean
  maybeDuplicate?: boolean
}

export const DUPLICATE_NOTE = '(This may be a duplicate.)'
/** A note can be put before any message later, so room for it is kept in all. */
const LENGTH_MAX = TEXT_MAX - DUPLICATE_NOTE.length - 2
/** Past this many in a row nobody reads on, and the chat is at its rate limit: the whole text follows as a file. */
const TEXTS_MAX = 10
/** More than ten messages hold, so nothing is made ready that is not shown. */
const CHARACTERS_MAX = 50_000
const ROWS_MAX = 2_000
const UPLOAD_MAX_BYTES = 50 * 1024 * 1024

/** What one reply becomes: texts first, then files; one message where it fits. Buttons are under the last text. */
export function render(parts: readonly Part[], options: RenderOptions): Rendered[] {
  if (isCard(parts)) return [renderCard(parts, options)]
  const begun = parts.map(beginning)
  const pieces = split(textOf(begun, options), LENGTH_MAX, TEXTS_MAX + 1)
  const texts: Rendered[] = pieces.slice(0, TEXTS_MAX).map((piece) => ({ kind: 'text', ...piece }))
  const isWhole = pieces.length <= TEXTS_MAX && begun.every((part, index) => part === parts[index])
  if (!isWhole) texts.push({ kind: 'file', name: 'whole-text.txt', source: { text: plainText(parts) } })
  const files = parts.filter((part) => part.type === 'file').filter(canBeSent)
  const messages = [...texts, ...files.map(fileMessage)]
  return withKeyboard(messages, keyboardOf(parts))
}

/** What is edited in place is one message, however long. */
export function renderCard(parts: readonly Part[], options: RenderOptions): TextMessage {
  const { text, entities } = cut(textOf(parts.map(beginning), options))
  const keyboard = keyboardOf(parts)
  return { kind: 'text', text, entities, ...(keyboard ? { keyboard } : {}) }
}

/** The same message with the note that it may be there twice. */
export function asDuplicate(message: Rendered): Rendered {
  if (message.kind === 'file') return { ...message, caption: DUPLICATE_NOTE }
  if (message.text.startsWith(DUPLICATE_NOTE)) return message
  return { ...message, ...concat(styled(DUPLICATE_NOTE, 'italic'), '\n\n', message) }
}

/** As much of a part as can be shown; the same part when that is all of it. */
function beginning(part: Part): Part {
  switch (part.type) {
    case 'text':
    case 'markdown':
    case 'code':
      return part.text.length > CHARACTERS_MAX ? { ...part, text: part.text.slice(0, CHARACTERS_MAX) } : part
    case 'quote': {
      const of = beginning(part.of) as typeof part.of
      return of === part.of ? part : { ...part, of }
    }
    case 'list':
      return part.items.length > ROWS_MAX ? { ...part, items: part.items.slice(0, ROWS_MAX) } : part
    case 'fields':
      return part.fields.length > ROWS_MAX ? { ...part, fields: part.fields.slice(0, ROWS_MAX) } : part
    case 'table':
      return part.rows.length > ROWS_MAX ? { ...part, rows: part.rows.slice(0, ROWS_MAX) } : part
    default:
      return part
  }
}

const isCard = (parts: readonly Part[]): boolean => parts.some(({ type }) => type === 'progress')

function textOf(parts: readonly Part[], { isShared, maybeDuplicate }: RenderOptions): Rich {
  const blocks = [...parts.map(partText), ...parts.filter((part) => part.type === 'file').map(unsendable)]
  const shown = blocks.filter(({ text }) => !isBlank(text))
  const hasOwnText = shown.length > 0 || parts.some(({ type }) => type === 'file')
  const notes = maybeDuplicate && hasOwnText ? [styled(DUPLICATE_NOTE, 'italic')] : []
  const whole = join([...notes, ...shown], '\n\n')
  return isShared ? withoutPings(whole) : whole
}

/** Why a file stays behind; empty when it does not. */
function unsendable(file: FilePart): Rich {
  if (canBeSent(file)) return plain('')
  if (file.sizeBytes === 0) return plain(`${file.name} is empty, and Telegram takes no empty files.`)
  const megabytes = Math.ceil(file.sizeBytes / 1024 / 1024)
  return plain(`${file.name} has ${megabytes} MB; Telegram takes up to 50 MB. Download it in the console.`)
}

const canBeSent = ({ sizeBytes }: FilePart): boolean => sizeBytes > 0 && sizeBytes <= UPLOAD_MAX_BYTES

const fileMessage = ({ name, artifactId }: FilePart): FileMessage => ({ kind: 'file', name, source: { artifactId } })

function withKeyboard(messages: Rendered[], keyboard: Keyboard | undefined): Rendered[] {
  if (!keyboard) return messages
  if (messages.length === 0) return [{ kind: 'text', text: 'Choose:', entities: [], keyboard }]
  const at = Math.max(
    messages.findLastIndex(({ kind }) => kind === 'text'),
    0,
  )
  return messages.map((message, index) => (index === at ? { ...message, keyboard } : message))
}
