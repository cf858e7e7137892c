import type { Refusal, Workspace } from './methods.ts'

type Args = Record<string, unknown>

/** A call of local-slack's own that stands for one of these. */
export interface Instead {
  method: string
  args: Args
}

const MARKDOWN_MAX = 12_000
/** Nobody reads faster, and Slack takes no more than about a hundred a minute. */
const EVERY_LEAST_MS = 500

interface Stream {
  text: string
  isOpen: boolean
  atMs: number
}

const refusal = (error: string): Refusal => ({ ok: false, error })

/**
 * Messages that grow, which local-slack does not know: begun in a thread in which people talk to an app, appended to, and
 * ended. They are messages of local-slack's that are edited.
 */
export class Streams {
  /** `D1:169.1`: where apps may stream. */
  readonly threads = new Set<string>()
  readonly #streams = new Map<string, Stream>()

  /** Whether a message is one that still grows. */
  isOpen(channel: string, ts: string): boolean {
    return this.#streams.get(`${channel}/${ts}`)?.isOpen ?? false
  }

  /** What local-slack is to do for it, or why Slack would not; undefined for every other method. */
  take(
    method: string,
    args: Args,
    workspace: Workspace,
    violate: (problem: string) => void,
  ): Instead | Refusal | undefined {
    if (method === 'chat.startStream') return this.#start(args, workspace, violate)
    if (method === 'chat.appendStream') return this.#append(args, violate)
    if (method === 'chat.stopStream') return this.#stop(args, violate)
    if (method === 'chat.delete' && this.isOpen(String(args.channel), String(args.ts))) violate('deleted while it grew')
    return undefined
  }

  /** Local-slack has begun it as that message. */
  begun({ channel, markdown_text }: Args, ts: unknown): void {
    this.#streams.set(`${channel}/${ts}`, { text: String(markdown_text ?? ''), isOpen: true, atMs: Date.now() })
  }

  #start(args: Args, workspace: Workspace, violate: (problem: string) => void): Instead | Refusal {
    const place = workspace.place(String(args.channel))
    if (!place) return refusal('channel_not_found')
    if (!place.members.includes(workspace.botUserId)) return refusal('not_in_channel')
    if (!args.thread_ts || !this.threads.has(`${args.channel}:${args.thread_ts}`))
      return refusal('channel_type_not_supported')
    const refused = wordsProblem(args, violate)
    if (refused) return refused
    const { channel, thread_ts, markdown_text } = args
    return { method: 'chat.postMessage', args: { channel, thread_ts, text: markdown_text || ' ' } }
  }

  #append(args: Args, violate: (problem: string) => void): Instead | Refusal {
    const stream = this.#streams.get(`${args.channel}/${args.ts}`)
    if (!stream) return refusal('message_not_found')
    if (!stream.isOpen) return refusal('message_not_in_streaming_state')
    const refused = wordsProblem(args, violate)
    if (refused) return refused
    if (Date.now() - stream.atMs < EVERY_LEAST_MS) violate('appended to faster than anybody reads')
    stream.atMs = Date.now()
    stream.text += String(args.markdown_text)
    return { method: 'chat.update', args: { channel: args.channel, ts: args.ts, text: stream.text } }
  }

  #stop(args: Args, violate: (problem: string) => void): Instead | Refusal {
    const stream = this.#streams.get(`${args.channel}/${args.ts}`)
    if (!stream) return refusal('message_not_found')
    if (!stream.isOpen) return refusal('message_not_in_streaming_state')
    const refused = args.markdown_text === undefined ? undefined : wordsProblem(args, violate)
    if (refused) return refused
    stream.isOpen = false
    stream.text += String(args.markdown_text ?? '')
    return { method: 'chat.update', args: { channel: args.channel, ts: args.ts, text: stream.text || ' ' } }
  }
}

/** What Slack would act upon in what a bot passes on: mentions, links, marks. */
const LIVE = /<[@#!a-z][^>]*>|(?<!\\)\[[^\]]*\]\(|https?:\/\/|(?<!\\)[*_`~]/i

function wordsProblem({ markdown_text: text }: Args, violate: (problem: string) => void): Refusal | undefined {
  if (typeof text !== 'string' || text === '') return refusal('no_text')
  if (text.length > MARKDOWN_MAX) return refusal('msg_too_long')
  const live = LIVE.exec(text)
  if (live) violate(`live in a stream: ${live[0]}`)
  return undefined
}
