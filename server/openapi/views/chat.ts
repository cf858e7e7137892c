import { z } from 'zod'
import type { CommandInfo } from '#commands/menu.ts'
import type { Received } from '#core/callbacks/receive.ts'
import type { FormPart, Part } from '#core/chat/message.ts'
import type { WebMessage } from '#core/chat/web.ts'
import { moment, shapeOf } from './shape.ts'

const text = z.string()
const field = z.object({
  name: text,
  label: text,
  description: text.exactOptional(),
  kind: z.enum(['text', 'multiline', 'number', 'integer', 'boolean', 'choice', 'json', 'file']),
  required: z.boolean(),
  options: z.array(z.object({ value: text, label: text })).exactOptional(),
  examples: z.array(text).exactOptional(),
  value: text.exactOptional(),
  takesFile: z.literal(true).exactOptional(),
  isFile: z.literal(true).exactOptional(),
  usual: text.exactOptional(),
  problem: text.exactOptional(),
})

const form = shapeOf<FormPart>()(
  z.object({
    type: z.literal('form'),
    formId: text,
    title: text,
    note: text.exactOptional(),
    fields: z.array(field),
    asks: text.exactOptional(),
    submitLabel: text,
  }),
)

const button = z.object({
  label: text,
  command: text.exactOptional(),
  token: text.exactOptional().meta({ description: 'What is sent as `button` when it is pressed' }),
  url: text.exactOptional(),
  style: z.enum(['primary', 'danger']).exactOptional(),
  once: z.boolean().exactOptional(),
  confirm: z.object({ title: text, text, yes: text, no: text }).exactOptional(),
})

const markdown = z.object({ type: z.literal('markdown'), text })
const code = z.object({ type: z.literal('code'), text, language: text.exactOptional() })
const progress = z.enum(['pending', 'running', 'done', 'failed', 'skipped', 'cancelled', 'waiting'])

const part = shapeOf<Part>()(
  z.union([
    z.object({
      type: z.literal('text'),
      text,
      style: z.enum(['plain', 'strong', 'muted', 'heading']).exactOptional(),
    }),
    markdown,
    code,
    z.object({ type: z.literal('quote'), title: text.exactOptional(), of: z.union([markdown, code]) }),
    z.object({ type: z.literal('fields'), fields: z.array(z.object({ label: text, value: text })) }),
    z.object({ type: z.literal('list'), items: z.array(text), ordered: z.boolean().exactOptional() }),
    z.object({ type: z.literal('table'), columns: z.array(text), rows: z.array(z.array(text)) }),
    z.object({ type: z.literal('buttons'), buttons: z.array(button) }),
    z.object({
      type: z.literal('progress'),
      title: text,
      status: progress,
      steps: z.array(z.object({ label: text, status: progress, note: text.exactOptional() })),
    }),
    z.object({ type: z.literal('file'), artifactId: text, name: text, mediaType: text, sizeBytes: z.int() }),
    form,
  ]),
)

const message = shapeOf<WebMessage>()(
  z.object({
    id: text,
    conversationId: text,
    at: moment,
    editedAt: moment.nullable(),
    from: z.enum(['user', 'bot']),
    parts: z.array(part),
    text,
    seq: z.int().meta({ description: 'Counts the changes of the conversation; a stream goes on from it' }),
  }),
)

export const CHAT_VIEWS = {
  MessagePart: part,
  Form: z.object({ form }),
  Message: message,
  Said: z.object({ message, replies: z.array(message) }),
  Command: shapeOf<CommandInfo>()(z.object({ command: text, usage: text, summary: text })),
  Received: shapeOf<Received>()(z.object({ status: z.enum(['accepted', 'known', 'noted']) })),
}

const health = z.enum(['ok', 'unavailable'])

export const OPS_VIEWS = {
  Alive: z.object({ status: health }),
  Health: z.object({
    status: z.enum(['ok', 'degraded', 'unavailable']),
    parts: z.record(
      z.string(),
      z.object({ ok: z.boolean(), status: z.enum(['ok', 'warn', 'fail']), detail: z.string().optional() }),
    ),
  }),
}
