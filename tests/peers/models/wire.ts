import type { IncomingMessage, ServerResponse } from 'node:http'
import { serve } from '#tests/core/outbound/listener.ts'

/** What a call used, in the words in which Anthropic and Google document it. */
export interface AnthropicUsage {
  input_tokens: number
  cache_creation_input_tokens?: number
  cache_read_input_tokens?: number
  output_tokens: number
}

export interface GoogleUsage {
  promptTokenCount: number
  cachedContentTokenCount?: number
  toolUsePromptTokenCount?: number
  candidatesTokenCount: number
  thoughtsTokenCount?: number
  totalTokenCount: number
}

/** The next answers of each provider; the last one stays. `breaksOff`: the connection ends after the text. */
interface Script {
  anthropic: { text: string; usage: AnthropicUsage; breaksOff?: boolean }[]
  google: { text: string; usage: GoogleUsage; breaksOff?: boolean }[]
}

/**
 * Anthropic and Google on loopback, event for event as their documents of streaming show it, with the usage that a test says.
 * Answers only who shows the key where each of them wants it.
 */
export interface WirePeer {
  host: string
  baseUrl(provider: keyof Script): string
  script: Script
  asked: { path: string; body: Record<string, unknown> }[]
  close(): Promise<void>
}

export async function startWirePeer(key: string): Promise<WirePeer> {
  const script: Script = { anthropic: [], google: [] }
  const asked: WirePeer['asked'] = []
  const { url, host, close } = await serve((request, response) => {
    void (async () => {
      const body = JSON.parse(await read(request)) as Record<string, unknown>
      const path = request.url ?? ''
      asked.push({ path, body })
      const isAnthropic = request.headers['x-api-key'] === key && path === '/v1/messages'
      const isGoogle = request.headers['x-goog-api-key'] === key && /:streamGenerateContent\?alt=sse$/.test(path)
      if (isAnthropic) sayAnthropic(response, next(script.anthropic), String(body.model))
      else if (isGoogle) sayGoogle(response, next(script.google))
      else response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"message":"Who are you?"}}')
    })()
  })
  return {
    host,
    baseUrl: (provider) => (provider === 'google' ? `${url}/v1beta` : `${url}/v1`),
    script,
    asked,
    close,
  }
}

function next<T>(answers: T[]): T {
  const [answer] = answers.length > 1 ? answers.splice(0, 1) : answers
  if (!answer) throw new Error('nothing to say')
  return answer
}

async function read(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}

const begin = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
}

/** https://docs.claude.com/en/docs/build-with-claude/streaming: input counts stand at the beginning, output counts add up. */
function sayAnthropic(response: ServerResponse, answer: Script['anthropic'][number], model: string): void {
  const { text, usage, breaksOff } = answer
  const say = (type: string, more: object): void => {
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`)
  }
  begin(response)
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null }
  say('message_start', { message: { ...message, stop_sequence: null, usage: { ...usage, output_tokens: 1 } } })
  say('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
  say('ping', {})
  for (const piece of piecesOf(text)) {
    say('content_block_delta', { index: 0, delta: { type: 'text_delta', text: piece } })
  }
  if (breaksOff) return void response.socket?.destroySoon()
  say('content_block_stop', { index: 0 })
  say('message_delta', {
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: usage.output_tokens },
  })
  say('message_stop', {})
  response.end()
}

/** https://ai.google.dev/api/generate-content: each piece has the usage so far, the last one all of it. */
function sayGoogle(response: ServerResponse, { text, usage, breaksOff }: Script['google'][number]): void {
  begin(response)
  const pieces = piecesOf(text)
  for (const [index, piece] of pieces.entries()) {
    const isLast = index === pieces.length - 1
    const soFar = { promptTokenCount: usage.promptTokenCount, totalTokenCount: usage.promptTokenCount }
    const chunk = {
      candidates: [
        {
          content: { role: 'model', parts: [{ text: piece }] },
          index: 0,
          ...(isLast && !breaksOff ? { finishReason: 'STOP' } : {}),
        },
      ],
      usageMetadata: isLast && !breaksOff ? usage : soFar,
      modelVersion: 'gemini-2.5-flash',
      responseId: 'resp_1',
    }
    response.write(`data: ${JSON.stringify(chunk)}\r\n\r\n`)
  }
  if (breaksOff) response.socket?.destroySoon()
  else response.end()
}

const piecesOf = (text: string): string[] => text.match(/.{1,12}/gs) ?? []
