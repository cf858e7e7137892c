import type { FormPart, Incoming, IncomingFile } from '#core/chat/message.ts'
import type { FormDesk, LiveSender, Outgoing, Pace, Receive, SendResult } from '#core/chat/sender.ts'
import { cut } from '#core/cut.ts'
import { personOfHome } from '#core/home/address.ts'
import type { Channel, InTurn, Trouble } from '../channel.ts'
import { isDirect, parseMessageRef } from './address.ts'
import { type Connection, createConnection, type SlackOptions } from './connection.ts'
import { Deliveries } from './delivery.ts'
import { Directs } from './directs.ts'
import { downloadFile } from './files.ts'
import { Dialogs } from './forms/dialogs.ts'
import { formModal } from './forms/view.ts'
import { hear } from './hearing.ts'
import { publishHome } from './home.ts'
import { inTime } from './in-time.ts'
import { originalFrom } from './incoming.ts'
import { Intake } from './intake.ts'
import { Names, type Person } from './names.ts'
import { outcomeOf, refusalOf } from './outcome.ts'
import { toSinglePost } from './pack.ts'
import type { MessageEvent } from './payloads.ts'
import { Plans } from './plans.ts'
import { openDirect, update } from './posting.ts'
import { ResponseUrls } from './response-url.ts'
import { Streams } from './streams.ts'
import { escapeText } from './text.ts'

/** Of the three seconds Slack gives, so much at most goes into finding out what an event leaves out. */
const LOOK_UP_MAX_MS = 500
const TOAST_MAX = 1_000
/** So long a trigger opens a dialog. */
const TRIGGER_MS = 3_000

export function createSlackChannel(options: SlackOptions): Channel {
  if (options.mode === 'http' && !options.signingSecret) throw new Error('Slack over HTTP needs a signing secret')
  if (options.mode === 'socket' && !options.appToken) throw new Error('Slack over Socket Mode needs an app token')
  return new SlackChannel(options)
}

class SlackChannel implements Channel {
  readonly name = 'slack'
  readonly pace: Pace = { editPrivateMs: 1500, editSharedMs: 1500 }
  readonly forms = 'dialog'
  readonly homes = true
  readonly live: LiveSender
  readonly webhook?: (request: Request) => Promise<Response>
  readonly #options: SlackOptions
  readonly #intake: Intake
  readonly #responseUrls: ResponseUrls
  readonly #deliveries: Deliveries
  readonly #plans: Plans
  readonly #dialogs = new Dialogs()
  readonly #directs: Directs
  readonly #stopping = new AbortController()
  #connection: Promise<Connection> | undefined
  /** Once Slack was asked who we are. */
  #asked: Connection | undefined
  #wasConnected = false
  #reason: string | undefined = 'Not connected yet.'
  /** Ends when no turn is taken any more. */
  #turns: Promise<void> = Promise.resolve()

  constructor(options: SlackOptions) {
    const { apiUrl, clock, log } = options
    this.#options = options
    const names = new Names((userId) => this.#findPerson(userId), clock, LOOK_UP_MAX_MS)
    this.#directs = new Directs(async (userId) => openDirect((await this.#connect()).client, userId))
    this.#intake = new Intake({
      person: (userId) => names.find(userId),
      direct: (userId) => inTime(clock, LOOK_UP_MAX_MS, this.#directs.find(userId)),
      original: (messageRef) => inTime(clock, LOOK_UP_MAX_MS, this.#findOriginal(messageRef)),
    })
    this.#responseUrls = new ResponseUrls(apiUrl, clock)
    this.#plans = new Plans(log)
    this.live = new Streams({ client: async () => (await this.#connect()).client, log })
    this.#deliveries = new Deliveries({ apiUrl, responseUrls: this.#responseUrls, plans: this.#plans, log })
    if (options.mode === 'http') this.webhook = (request) => this.#webhook(request)
  }

  async start(receive: Receive, { inTurn, forms }: { inTurn?: InTurn; forms?: FormDesk } = {}): Promise<void> {
    this.#dialogs.open(forms)
    const connection = await this.#connect()
    // A token that Slack refuses is better said now than with every message; a Slack that is away is waited for.
    await connection.identify().then(
      () => this.#known(connection),
      (error: unknown) => {
        this.#reason = refusalOf(error) ?? 'Slack cannot be reached.'
        if (refusalOf(error)) throw error
        this.#asked = connection
      },
    )
    hear(connection, {
      intake: this.#intake,
      dialogs: this.#dialogs,
      directs: this.#directs,
      clock: this.#options.clock,
    })
    if (this.#options.mode === 'socket' && inTurn) {
      this.#turns = inTurn(this.#stopping.signal, (signal) => this.#hearUntil(signal, connection, receive))
      return
    }
    this.#intake.open(receive)
    await connection.receiver.start()
  }

  trouble(): Trouble | undefined {
    const connection = this.#asked
    // Nobody has said who we are yet: asked again for whoever looks the next time.
    if (this.#reason && connection)
      void connection.identify().then(
        () => this.#known(connection),
        () => {},
      )
    const reason = this.#reason ?? this.#asked?.socket?.trouble
    return reason === undefined ? undefined : { reason, wasConnected: this.#wasConnected }
  }

  #known(connection: Connection): void {
    this.#asked = connection
    this.#reason = undefined
    this.#wasConnected = true
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#turns
    await this.#endHearing(await this.#connection)
  }

  /** One turn on the socket. Slack hands what is not acknowledged to whoever has the next. */
  async #hearUntil(signal: AbortSignal, connection: Connection, receive: Receive): Promise<void> {
    this.#intake.open(receive)
    try {
      await connection.receiver.start()
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    } finally {
      await this.#endHearing(connection)
    }
  }

  async #endHearing(connection: Connection | undefined): Promise<void> {
    await this.#intake.close()
    await connection?.receiver.stop()
  }

  async send(message: Outgoing): Promise<SendResult> {
    const { client } = await this.#connect()
    return personOfHome(message.conversation) ? publishHome(client, message) : this.#deliveries.send(client, message)
  }

  async edit(messageRef: string, message: Outgoing): Promise<SendResult> {
    if (personOfHome(message.conversation)) return this.send(message)
    const at = parseMessageRef(messageRef)
    const post = toSinglePost(message.parts)
    if (!at || !post) return { outcome: 'refused', reason: 'There is nothing that could be edited.' }
    const { client } = await this.#connect()
    try {
      await update({ client, plans: this.#plans }, at, post)
      return { outcome: 'sent', messageRef }
    } catch (error) {
      // The same edit twice shows the same message once.
      return outcomeOf(error, true)
    }
  }

  async openForm({ conversation, hints = {} }: Incoming, form: FormPart): Promise<boolean> {
    const { trigger_id } = hints
    if (!trigger_id) return false
    const view = formModal(form, 0, { conversation, hints })
    const opened = this.#connect().then(({ client }) => client.views.open({ trigger_id, view }))
    opened.catch((error: unknown) => {
      // Too late or used up is nothing unusual: three seconds are short. The form's card has a button with a new one.
      if (refusalOf(error)?.includes('trigger')) return
      this.#options.log.error({ err: error }, 'A dialog could not be opened in Slack')
    })
    return (await inTime(this.#options.clock, TRIGGER_MS, opened)) !== undefined
  }

  /** Slack's acknowledgement has ended the waiting state already; what is left is to say something to whoever pressed. */
  async answerPress(answerRef: string, notice?: string): Promise<void> {
    const url = this.#responseUrls.find({ response_url: answerRef, response_until_ms: 'Infinity' })
    if (notice && url) await this.#responseUrls.post(url, { text: escapeText(cut(notice, TOAST_MAX)) }, 'ephemeral')
  }

  download(file: IncomingFile): Promise<Uint8Array> {
    return downloadFile(this.#options.apiUrl, this.#options.botToken, file)
  }

  isPrivate(conversation: string): boolean {
    return isDirect(conversation) || personOfHome(conversation) !== undefined
  }

  #connect(): Promise<Connection> {
    this.#connection ??= createConnection(this.#options)
    return this.#connection
  }

  async #webhook(request: Request): Promise<Response> {
    const { http } = await this.#connect()
    return http ? http.handle(request) : new Response(null, { status: 404 })
  }

  async #findPerson(userId: string): Promise<Person> {
    const { client } = await this.#connect()
    const { user } = await client.users.info({ user: userId })
    const name = user?.profile?.display_name || user?.real_name || user?.name || userId
    return { name, ...(user?.name ? { handle: user.name } : {}) }
  }

  async #findOriginal(messageRef: string): Promise<ReturnType<typeof originalFrom> | undefined> {
    const at = parseMessageRef(messageRef)
    if (!at) return undefined
    const { client, identify } = await this.#connect()
    const { messages } = await client.conversations.replies({ channel: at.channel, ts: at.ts, limit: 1 })
    const [first] = messages ?? []
    return first && originalFrom(first as Pick<MessageEvent, 'text' | 'files'>, await identify())
  }
}
