import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Answer,
  definitionFor,
  type Peer,
  type PeerJob,
  pollTemplate,
  startProvider,
} from '#tests/peers/provider/peer.ts'
import type { Effect } from './facts.ts'
import { PROVIDER } from './jobs.ts'

/** How long it takes to answer a submission, and to be done with the job: either may come first. Long enough to be killed in. */
const ANSWER_MAX_MS = 400
const WORK_MAX_MS = 300
const CALLBACK_RETRY_MS = 100
/** Of so many jobs one is never called back about: whoever wants to know has to ask. */
const SILENT_EVERY = 5
/** And of so many one is called back about twice. */
const TWICE_EVERY = 3

/**
 * A provider that outlives the program. It knows a job again by its idempotency key and by nothing else, and what it has
 * begun to do it has done, whether anybody hears its answer or not.
 */
export class CrashProvider {
  readonly definition: object
  /** Answers to callbacks that are neither a thank-you nor a sign that nobody is there. */
  readonly refused: string[] = []
  readonly #peer: Peer
  readonly #stopped = new AbortController()
  #pendingCallbacks = 0

  private constructor(peer: Peer) {
    this.#peer = peer
    const { submit } = definitionFor(peer)
    this.definition = definitionFor(peer, {
      name: PROVIDER.name,
      // The key stands in the body as well, where it only tells what the job is for.
      submit: { ...submit, body: { callback: '{{ callbackUrl }}', params: '{{ idempotencyKey }}' } },
      poll: pollTemplate(peer),
      price: { unit: 'run', rateUsd: PROVIDER.rateUsd, maxUsd: PROVIDER.rateUsd },
    })
    peer.onSubmit((job, answer) => this.#take(job, answer))
  }

  static async start(): Promise<CrashProvider> {
    return new CrashProvider(await startProvider())
  }

  get host(): string {
    return this.#peer.host
  }

  /** Callbacks that have not been taken yet. */
  get pendingCallbacks(): number {
    return this.#pendingCallbacks
  }

  effects(): Effect[] {
    return this.#peer.jobs.map(({ id, params, submissions, polls, output }) => {
      return { id, reference: String(params), submissions, polls, made: output }
    })
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#peer.close()
  }

  async #take(job: PeerJob, answer: Answer): Promise<void> {
    const number = Number(job.id.split('-')[1])
    if (job.submissions === 1) void this.#work(job, number)
    // Different for each, and the same for the same story.
    await sleep((number * 137) % ANSWER_MAX_MS)
    answer.ok({ output: job.output })
  }

  async #work(job: PeerJob, number: number): Promise<void> {
    await sleep((number * 89) % WORK_MAX_MS)
    this.#peer.end(job, 'done', `made as ${job.id}`)
    if (number % SILENT_EVERY === 0) return
    this.#pendingCallbacks++
    await this.#callBack(job)
    if (number % TWICE_EVERY === 0) await this.#callBack(job)
    this.#pendingCallbacks--
  }

  /** As providers do: again, until somebody has taken it. */
  async #callBack(job: PeerJob): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const status = await this.#peer.callBack(job).catch(() => undefined)
      if (status === 200) return
      if (status !== undefined && status < 500) {
        this.refused.push(`${job.id} for ${String(job.params)}: ${status}`)
        return
      }
      await sleep(CALLBACK_RETRY_MS)
    }
  }
}
