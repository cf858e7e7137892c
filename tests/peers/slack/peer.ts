import { setTimeout as sleep } from 'node:timers/promises'
import { Deliveries, type Target } from './deliveries.ts'
import type { Gateway } from './gateway.ts'
import type { LocalSlack } from './process.ts'
import { Surfaces } from './surfaces.ts'
import type * as T from './types.ts'
import { buttonsIn, type StoredMessage, viewOf } from './view.ts'

export interface Secrets {
  botToken: string
  appToken: string
  signingSecret: string
}

type Ref = string | { readonly id: string }

const idOf = (ref: Ref): string => (typeof ref === 'string' ? ref : ref.id)

/** Slack, as a test holds it: act for people, break things, look at what the bot did. */
export class SlackPeer {
  readonly apiUrl: string
  readonly secrets: Secrets
  readonly bot: { userId: string; teamId: string }
  /** Dialogs, the Home tab and shortcuts. */
  readonly surfaces: Surfaces
  readonly #slack: LocalSlack
  readonly #gateway: Gateway
  readonly #archived: Set<string>

  constructor(given: {
    slack: LocalSlack
    gateway: Gateway
    port: number
    secrets: Secrets
    bot: { userId: string; teamId: string }
    archived: Set<string>
  }) {
    this.#slack = given.slack
    this.#gateway = given.gateway
    this.#archived = given.archived
    this.secrets = given.secrets
    this.bot = given.bot
    this.surfaces = new Surfaces(given.gateway, {
      ...given.bot,
      port: given.port,
      direct: (user) => this.direct(user),
      message: async (channel, ts) => (await this.#stored(channel)).find((one) => one.ts === ts),
    })
    this.apiUrl = `http://127.0.0.1:${given.port}/api/`
  }

  async stop(): Promise<void> {
    await this.#gateway.stop()
    await this.#slack.stop()
  }

  /** Nobody listens any more: who connects is refused, who is connected is cut off. Gives what brings it back. */
  async goDown(): Promise<() => Promise<void>> {
    await this.#gateway.stop()
    return async () => void (await this.#gateway.listen(Number(new URL(this.apiUrl).port)))
  }

  get calls(): readonly T.CallRecord[] {
    return this.#gateway.calls
  }

  callsOf(method: string): T.CallRecord[] {
    return this.#gateway.calls.filter((call) => call.method === method)
  }

  /** What Slack would have refused, or let pass with a bad end. A test expects none. */
  get violations(): readonly T.Violation[] {
    return this.#gateway.violations
  }

  get deliveries(): readonly T.Delivery[] {
    return this.#gateway.deliveries.all
  }

  get connections(): number {
    return this.#gateway.sockets.count
  }

  /** Where HTTP deliveries go: the channel's webhook. */
  deliverTo(target: Target): void {
    this.#gateway.deliveries.target = target
  }

  sign(body: string, atMs?: number): Record<string, string> {
    return this.#gateway.deliveries.sign(body, atMs)
  }

  /** The direct message between the bot and a person. */
  async direct(user: Ref): Promise<string> {
    const headers = { authorization: `Bearer ${this.secrets.botToken}`, 'content-type': 'application/json' }
    const body = Buffer.from(JSON.stringify({ users: idOf(user) }))
    const answer = await this.#slack.request('POST', '/api/conversations.open', headers, body)
    return (JSON.parse(answer.body.toString()) as { channel: { id: string } }).channel.id
  }

  /** A thread in which people talk to the app: there it may stream. */
  talksToApp(channel: Ref, threadTs: string): void {
    this.#gateway.streams.threads.add(`${idOf(channel)}:${threadTs}`)
  }

  archive(channel: Ref): void {
    this.#archived.add(idOf(channel))
  }

  /** Says something; resolves when the bot has taken it, or has not for five seconds. */
  async say(channel: Ref, user: Ref, text: string, threadTs?: string): Promise<string> {
    const said = { channel: idOf(channel), user: idOf(user), text, ...(threadTs ? { thread_ts: threadTs } : {}) }
    const { message } = await this.#slack.json<{ message: StoredMessage }>('POST', '/_control/message', said)
    return message.ts
  }

  get mention(): string {
    return `<@${this.bot.userId}>`
  }

  async slash(channel: Ref, user: Ref, command: string, text = ''): Promise<void> {
    await this.#slack.json('POST', '/_control/command', { channel: idOf(channel), user: idOf(user), command, text })
  }

  async press(channel: Ref, user: Ref, ts: string, label: string): Promise<void> {
    const message = (await this.#stored(channel)).find((one) => one.ts === ts)
    const button = buttonsIn(message?.blocks ?? []).find((one) => one.label === label)
    if (!button) throw new Error(`The message ${ts} has no button ${label}`)
    const pressed = { channel: idOf(channel), messageTs: ts, user: idOf(user), action: button.action }
    await this.#slack.json('POST', '/_control/interact', pressed)
  }

  /** Shares a file, with words beside it. */
  async share(channel: Ref, user: Ref, file: { name: string; bytes: Uint8Array }, text = ''): Promise<string> {
    const form = new FormData()
    for (const [name, value] of Object.entries({ channel: idOf(channel), user: idOf(user), text }))
      form.set(name, value)
    form.set('file', new Blob([new Uint8Array(file.bytes)]), file.name)
    const encoded = new Response(form)
    const headers = { 'content-type': encoded.headers.get('content-type') ?? '' }
    const body = Buffer.from(await encoded.arrayBuffer())
    const answer = await this.#slack.request('POST', '/_control/upload', headers, body)
    if (answer.status !== 200) throw new Error(`The file could not be shared: ${answer.body}`)
    return (JSON.parse(answer.body.toString()) as { message: StoredMessage }).message.ts
  }

  async editText(channel: Ref, user: Ref, ts: string, text: string): Promise<void> {
    await this.#slack.json('POST', '/_control/edit-message', { channel: idOf(channel), ts, user: idOf(user), text })
  }

  async remove(channel: Ref, user: Ref, ts: string): Promise<void> {
    await this.#slack.json('POST', '/_control/delete-message', { channel: idOf(channel), ts, user: idOf(user) })
  }

  /** Brings something once more, as Slack does when it saw no acknowledgement. */
  async redeliver(delivery: T.Delivery, attempt = 1): Promise<T.Delivery> {
    const { target } = this.#gateway.deliveries
    const at = this.deliveries.length
    if (target) {
      const { body, contentType } = Deliveries.encode(delivery)
      await this.#gateway.deliveries.post(body, contentType, attempt)
    } else this.#gateway.sockets.bring(delivery.kind, delivery.payload, attempt)
    const again = this.deliveries[at]
    if (!again) throw new Error('Nothing was delivered')
    return again
  }

  sayDisconnect(): void {
    this.#gateway.sockets.sayDisconnect()
  }

  cutConnections(): void {
    this.#gateway.sockets.cut()
  }

  failNext(plan: T.FaultPlan): void {
    this.#gateway.faults.add(plan)
  }

  clearFaults(): void {
    this.#gateway.faults.clear()
  }

  /** What everybody in there sees, in order. */
  async messages(channel: Ref): Promise<T.MessageView[]> {
    return (await this.#views(channel)).filter(({ ephemeralTo }) => ephemeralTo === undefined)
  }

  /** What this person alone sees in there. */
  async ephemeral(channel: Ref, user: Ref): Promise<T.MessageView[]> {
    return (await this.#views(channel)).filter(({ ephemeralTo }) => ephemeralTo === idOf(user))
  }

  /** The bytes of a file, fetched as its readers fetch it. */
  async fileBytes(file: T.FileView): Promise<Uint8Array> {
    const { pathname } = new URL(file.url)
    const headers = { authorization: `Bearer ${this.secrets.botToken}` }
    return (await this.#slack.request('GET', pathname, headers)).body
  }

  async waitForMessage(
    channel: Ref,
    match: string | ((message: T.MessageView) => boolean),
    timeoutMs = 5_000,
  ): Promise<T.MessageView> {
    const fits = typeof match === 'function' ? match : (message: T.MessageView) => message.text.includes(match)
    const untilMs = performance.now() + timeoutMs
    for (;;) {
      const seen = (await this.#views(channel)).filter(({ fromBot }) => fromBot)
      const found = seen.find(fits)
      if (found) return found
      if (performance.now() > untilMs) {
        const texts = seen.map(({ text }) => `  ${JSON.stringify(text)}`).join('\n') || '  none'
        throw new Error(`No message fits ${match} after ${timeoutMs} ms; the bot's messages there:\n${texts}`)
      }
      await sleep(20)
    }
  }

  async #views(channel: Ref): Promise<T.MessageView[]> {
    return (await this.#stored(channel)).map((message) => viewOf(message, this.bot.userId))
  }

  async #stored(channel: Ref): Promise<StoredMessage[]> {
    const path = `/_control/messages/${idOf(channel)}`
    return (await this.#slack.json<{ messages: StoredMessage[] }>('GET', path)).messages
  }
}
