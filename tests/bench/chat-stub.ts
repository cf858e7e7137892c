import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export const TOKEN = '1234567890:AAbbccddeeffgghhiijjkkllmmnnooppqqrr'
const BOT = { id: 1_234_567_890, is_bot: true, first_name: 'Muster', username: 'muster_bench_bot' }

/** A Telegram that answers at once and keeps nothing: what is measured is the bot before it. */
export class TelegramStub {
  readonly url: string
  /** Called for each message that goes out. */
  onMessage: (chatId: number) => void = () => {}
  /** This chat is told to wait a second, with each message. */
  limited: number | undefined
  readonly #server: Server
  #messages = 0

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  static async start(): Promise<TelegramStub> {
    const server = createServer()
    // Longer than anybody is idle here.
    server.keepAliveTimeout = 120_000
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const stub = new TelegramStub(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    server.on('request', (request, response) => void stub.#answer(request, response))
    return stub
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.url?.split('/').at(-1)
    const body = await text(request)
    response.setHeader('content-type', 'application/json')
    if (method !== 'sendMessage') {
      const result = method === 'getMe' ? BOT : method === 'getMyCommands' ? [] : true
      return void response.end(JSON.stringify({ ok: true, result }))
    }
    const { chat_id: chatId } = JSON.parse(body) as { chat_id: number }
    if (Number(chatId) === this.limited) {
      const refused = { ok: false, error_code: 429, description: 'Too Many Requests: retry after 1' }
      response.statusCode = 429
      return void response.end(JSON.stringify({ ...refused, parameters: { retry_after: 1 } }))
    }
    this.onMessage(Number(chatId))
    const result = { message_id: ++this.#messages, date: 0, chat: { id: Number(chatId), type: 'private' }, text: '' }
    response.end(JSON.stringify({ ok: true, result }))
  }
}
