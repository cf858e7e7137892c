import { setTimeout as sleep } from 'node:timers/promises'
import type { Ids } from '#core/ids.ts'
import type { JsonObject } from '#core/json.ts'
import type { TakenTask } from '#core/tasks/executor.ts'
import { CliError, messageOf } from '../output.ts'

export interface ClientOptions {
  url: string
  key: string
  /** `team/<id>`, `user/<id>`; whatever the key's owner remembers when left out. */
  context: string | undefined
  ids: Pick<Ids, 'newSecret' | 'random'>
  /** Ends every wait. */
  stop: AbortSignal
  /** The server could not be asked, and will be again. */
  onTrouble(message: string): void
}

const TIMEOUT_MS = 30_000
const BACKOFF_MS = 500
const BACKOFF_MOST_MS = 30_000

/** The lease has ended, or somebody moved the task on: this worker has no more to do with it. */
export class LostError extends Error {}

export interface LeaseKey {
  leaseId: string
  epoch: number
}

/**
 * What a worker asks of the board. Where the answer does not come it asks again, after longer and longer waits, under the
 * same Idempotency-Key: nothing is done twice.
 */
export class BoardClient {
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = options
  }

  async take(tools: readonly string[], ttlSeconds: number): Promise<TakenTask | undefined> {
    return (await this.#post('/collab/executor/take', { tools, ttlSeconds })) as TakenTask | undefined
  }

  async start(id: string, lease: LeaseKey): Promise<void> {
    await this.#post(`/collab/executor/${id}/start`, keyOf(lease))
  }

  async handIn(id: string, lease: LeaseKey, result: JsonObject): Promise<void> {
    await this.#post(`/collab/executor/${id}/result`, { ...keyOf(lease), result })
  }

  async fail(id: string, lease: LeaseKey, error: { code: string; message: string }, isFinal: boolean): Promise<void> {
    await this.#post(`/collab/executor/${id}/failure`, { ...keyOf(lease), error, isFinal })
  }

  async keep({ leaseId, epoch }: LeaseKey): Promise<void> {
    await this.#post(`/collab/leases/${leaseId}/heartbeat`, { epoch })
  }

  /** Once, and without waiting for a server that is away: the lease ends by itself as well. */
  async release({ leaseId, epoch }: LeaseKey): Promise<void> {
    await this.#send(`/collab/leases/${leaseId}/release`, { epoch }, this.#options.ids.newSecret()).catch(() => {})
  }

  async #post(path: string, body: JsonObject | object): Promise<unknown> {
    const key = this.#options.ids.newSecret()
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#send(path, body, key).catch((error) => messageOf(error))
      if (typeof answer !== 'string') {
        if (answer.ok) return answer.status === 204 ? undefined : await answer.json()
        await refuse(answer)
      }
      this.#options.stop.throwIfAborted()
      this.#options.onTrouble(typeof answer === 'string' ? answer : `the server answered ${answer.status}`)
      // Any time up to that: workers that lost their server together do not come back together.
      const mostMs = Math.min(BACKOFF_MS * 2 ** attempt, BACKOFF_MOST_MS)
      await sleep(this.#options.ids.random() * mostMs, undefined, { signal: this.#options.stop })
    }
  }

  #send(path: string, body: object, idempotencyKey: string): Promise<Response> {
    const { url, key, context } = this.#options
    return fetch(`${url}/v1${path}`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${key}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': idempotencyKey,
        ...(context === undefined ? {} : { 'X-Execution-Context': context }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  }
}

/** Of all that is known of a lease, what proves it. */
const keyOf = ({ leaseId, epoch }: LeaseKey): LeaseKey => ({ leaseId, epoch })

/** Throws for what asking again does not mend. */
async function refuse(answer: Response): Promise<void> {
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return
  const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string }
  const detail = problem.detail ?? `The server answered ${answer.status}.`
  if (answer.status === 409 || answer.status === 404) throw new LostError(detail)
  throw new CliError(problem.code ?? 'refused', detail)
}
