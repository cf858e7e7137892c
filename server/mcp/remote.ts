import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { messageOf } from '../cli/output.ts'

export interface RemoteOptions {
  /** Of the server, without a path. */
  url: string
  key: string
  /** `team/<id>`, `user/<id>`; what the key's owner has chosen when left out. */
  context: string | undefined
}

type Params = Record<string, unknown>

export interface Asking {
  signal: AbortSignal
  /** Gets each notification about progress. */
  progress?: (params: Params) => Promise<void>
}

const VERSION = '2026-07-28'
/** Anything visible: what stands in a header. */
const NAME = /^[\x21-\x7e]{1,2000}$/

/** One request to the `/mcp` of a server; its result, or its error as the protocol knows it. */
export class Remote {
  readonly #options: RemoteOptions
  #asked = 0

  constructor(options: RemoteOptions) {
    this.#options = options
  }

  async ask(method: string, params: Params, { signal, progress }: Asking): Promise<Params> {
    const name = params.name ?? params.uri
    if (name !== undefined && !NAME.test(String(name))) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'There is nothing of that name here.')
    }
    const id = ++this.#asked
    const _meta = { ...envelope, ...(progress ? { progressToken: id } : {}) }
    const { url, key, context } = this.#options
    const response = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${key}`,
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        'MCP-Protocol-Version': VERSION,
        'Mcp-Method': method,
        ...(name === undefined ? {} : { 'Mcp-Name': String(name) }),
        ...(context === undefined ? {} : { 'X-Execution-Context': context }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } }),
      signal,
    }).catch((error) => {
      throw unreachable(url, messageOf(error))
    })
    for await (const message of messagesOf(response)) {
      if (message.method === 'notifications/progress') await progress?.(message.params ?? {})
      if (message.error) throw new ProtocolError(message.error.code, message.error.message, message.error.data)
      if (message.result) return withoutWire(message.result)
    }
    throw unreachable(url, 'the answer broke off')
  }
}

const envelope = {
  [PROTOCOL_VERSION_META_KEY]: VERSION,
  [CLIENT_INFO_META_KEY]: { name: 'muster mcp', version: '1.0.0' },
  [CLIENT_CAPABILITIES_META_KEY]: {},
}

const unreachable = (url: string, why: string): ProtocolError =>
  new ProtocolError(ProtocolErrorCode.InternalError, `${url} does not answer: ${why}`)

interface Message {
  method?: string
  params?: Params
  result?: Params
  error?: { code: number; message: string; data?: unknown }
}

async function* messagesOf(response: Response): AsyncGenerator<Message> {
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream') && response.body) {
    const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
    for await (const { data } of events) if (data) yield JSON.parse(data) as Message
    return
  }
  const body = (await response.json().catch(() => ({}))) as Message & { detail?: string }
  if (body.result || body.error) return yield body
  // Refused before it came to the protocol: the key, too many requests.
  const message = body.detail ?? `The server answered ${response.status}.`
  throw new ProtocolError(ProtocolErrorCode.InvalidRequest, message)
}

/** Without what belongs to the one exchange. */
const withoutWire = ({ resultType: _, ...result }: Params): Params => result
