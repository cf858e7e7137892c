import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { Button, Part } from '#core/chat/message.ts'
import type { WebMessage } from '#core/chat/web.ts'
import type { Client } from './client.ts'
import type { GivenFile, Heard, Voice } from './voice.ts'

export interface WebVoice extends Voice {
  end(): void
}

type FilePart = Extract<Part, { type: 'file' }>

/** A person in the web chat: says by POST, and hears by the stream alone. */
export async function webVoice(client: Client): Promise<WebVoice> {
  const messages = new Map<string, WebMessage>()
  const files = new Map<string, Promise<GivenFile>>()
  const stopping = new AbortController()
  const stream = await client.fetch('/v1/chat/stream', { signal: stopping.signal })
  await readEvents(stream, messages, stopping.signal)

  const fileOf = (part: FilePart): Promise<GivenFile> => {
    const file = files.get(part.artifactId) ?? download(client, part)
    files.set(part.artifactId, file)
    return file
  }
  const said = async (body: object): Promise<void> => {
    const { status, body: answer } = await client.call('POST', '/v1/chat/messages', { json: body })
    if (status !== 200) throw new Error(`The message was not taken: ${status} ${JSON.stringify(answer)}`)
  }
  return {
    channel: 'Web',
    say: async (text, file) => said({ text, files: file ? [await upload(client, file)] : [] }),
    async press(message, label) {
      const button = buttonsIn(messages.get(message.id)?.parts ?? []).find((one) => one.label === label)
      if (!button) throw new Error(`There is no button ${label}`)
      await said(button.token === undefined ? { text: button.command } : { text: label, button: button.token })
    },
    async heard() {
      const own = [...messages.values()].filter(({ from }) => from === 'bot').sort((a, b) => a.seq - b.seq)
      return Promise.all(
        own.map(
          async ({ id, text, parts }): Promise<Heard> => ({
            id,
            text,
            buttons: buttonsIn(parts).map(({ label }) => label),
            asking: buttonsIn(parts).flatMap(({ label, confirm }) => (confirm ? [label] : [])),
            files: await Promise.all(parts.flatMap((part) => (part.type === 'file' ? [fileOf(part)] : []))),
          }),
        ),
      )
    },
    end: () => stopping.abort(),
  }
}

const buttonsIn = (parts: readonly Part[]): Button[] =>
  parts.flatMap((part) => (part.type === 'buttons' ? part.buttons : []))

/** Keeps what the stream brings; comes back when the stream has begun. */
async function readEvents({ body }: Response, messages: Map<string, WebMessage>, signal: AbortSignal): Promise<void> {
  if (!body) throw new Error('The stream has no body')
  const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader()
  const first = await events.read()
  if (first.value?.event !== 'ready') throw new Error(`The stream began with ${JSON.stringify(first.value)}`)
  const readOn = async (): Promise<void> => {
    for (;;) {
      const { value, done } = await events.read()
      if (done) return
      if (value.event !== 'message') continue
      const message = JSON.parse(value.data) as WebMessage
      messages.set(message.id, message)
    }
  }
  readOn().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

async function upload(client: Client, { name, mediaType, bytes }: GivenFile): Promise<string> {
  const form = new FormData()
  form.set('file', new Blob([Uint8Array.from(bytes)], { type: mediaType }), name)
  const { status, body } = await client.call('POST', '/v1/artifacts', { form })
  if (status !== 201) throw new Error(`The file was not taken: ${status}`)
  return body.id
}

async function download(client: Client, { artifactId }: FilePart): Promise<GivenFile> {
  const response = await client.fetch(`/v1/artifacts/${artifactId}`)
  const [, name = ''] = /filename\*=UTF-8''(\S+)/.exec(response.headers.get('content-disposition') ?? '') ?? []
  return {
    name: decodeURIComponent(name),
    mediaType: response.headers.get('content-type') ?? '',
    bytes: new Uint8Array(await response.arrayBuffer()),
  }
}
