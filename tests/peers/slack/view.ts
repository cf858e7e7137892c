import type { Block, FileView, MessageView } from './types.ts'

/** A message as local-slack keeps it. */
export interface StoredMessage {
  channel: string
  ts: string
  user?: string
  text?: string
  subtype?: string
  thread_ts?: string
  ephemeral_to?: string
  edited?: object
  blocks?: Block[]
  files?: { id: string; name: string; size: number; url_private_download: string }[]
}

export function viewOf(message: StoredMessage, botUserId: string): MessageView {
  const blocks = message.blocks ?? []
  return {
    channel: message.channel,
    ts: message.ts,
    threadTs: message.thread_ts,
    fromBot: message.user === botUserId,
    text: blocks.length > 0 ? blocks.map(shown).filter(Boolean).join('\n') : decoded(message.text ?? ''),
    fallback: message.text ?? '',
    blocks,
    buttons: buttonsIn(blocks).map(({ label }) => label),
    asking: buttonsIn(blocks).flatMap(({ label, action }) => (action.confirm === undefined ? [] : [label])),
    files: (message.files ?? []).map(
      (file): FileView => ({ id: file.id, name: file.name, sizeBytes: file.size, url: file.url_private_download }),
    ),
    ephemeralTo: message.ephemeral_to,
    isEdited: message.edited !== undefined,
  }
}

export interface ButtonView {
  label: string
  action: Record<string, unknown>
}

export function buttonsIn(blocks: readonly Block[]): ButtonView[] {
  return blocks
    .filter(({ type }) => type === 'actions')
    .flatMap((block) =>
      (block.elements as Record<string, unknown>[]).map((element) => ({
        label: (element.text as { text: string }).text,
        action: { ...element, block_id: block.block_id },
      })),
    )
}

/** What a person reads: words of text objects and of rich text, without the buttons. */
function shown(node: unknown): string {
  if (typeof node !== 'object' || node === null) return ''
  const { type, text, url, elements, fields, fallback } = node as Record<string, unknown>
  if (type === 'actions') return ''
  if (type === 'plan') return shownPlan(node as Record<string, unknown>)
  if (type === 'link') return String(text ?? url)
  if (type === 'date') return String(fallback)
  if (Array.isArray(fields)) return fields.map(shown).join('\n')
  if (Array.isArray(elements)) {
    const isStack = type === 'rich_text' || type === 'rich_text_list' || type === 'context'
    return elements.map(shown).join(isStack ? '\n' : '')
  }
  if (typeof text === 'object') return shown(text)
  return type === 'mrkdwn' ? decoded(String(text).replace(/^\*([^*\n]*)\*\n/, '$1: ')) : String(text ?? '')
}

const MARKS: Record<string, string> = { pending: '·', in_progress: '▸', complete: '✓', error: '✗' }

function shownPlan({ title, tasks }: Record<string, unknown>): string {
  const lines = (tasks as { title: string; status: string }[]).map((task) => `${MARKS[task.status]} ${task.title}`)
  return [title, ...lines].join('\n')
}

const decoded = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
