import type { Clock } from '#core/clock.ts'
import { isAtSlack } from './hosts.ts'
import type { Sent } from './pack.ts'

const USES_MAX = 5
const TIMEOUT_MS = 15_000
const REMEMBERED_MAX = 1_000

/** Slack will not take another message through this address. */
export class ResponseUrlSpent extends Error {
  override name = 'ResponseUrlSpent'
}

/** Answers where the bot is no member: Slack gives each command and press an address for five messages in half an hour. */
export class ResponseUrls {
  readonly #apiUrl: string
  readonly #clock: Clock
  readonly #uses = new Map<string, number>()

  constructor(apiUrl: string, clock: Clock) {
    this.#apiUrl = apiUrl
    this.#clock = clock
  }

  /** The address, when it can still be used. `onlyFor` must be whom it was given to: only they see an ephemeral answer. */
  find(hints: Record<string, string> | undefined, onlyFor?: string): string | undefined {
    const { response_url: url, response_for: owner, response_until_ms: untilMs } = hints ?? {}
    if (!url || !isAtSlack(url, this.#apiUrl)) return undefined
    if (onlyFor !== undefined && onlyFor !== owner) return undefined
    if (this.#clock.nowMs() >= Number(untilMs) || (this.#uses.get(url) ?? 0) >= USES_MAX) return undefined
    return url
  }

  /** Rejects with `ResponseUrlSpent` when Slack takes nothing there any more. */
  async post(url: string, post: Partial<Sent>, visibility: 'ephemeral' | 'in_channel'): Promise<void> {
    if (this.#uses.size >= REMEMBERED_MAX) this.#uses.clear()
    this.#uses.set(url, (this.#uses.get(url) ?? 0) + 1)
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ ...post, response_type: visibility, replace_original: false }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const answer = await response.text()
    if (response.status === 429) throw limited(response.headers.get('retry-after'))
    if (response.status >= 500) throw new Error(`Slack answered ${response.status}`)
    if (!response.ok) throw new ResponseUrlSpent(`Slack answered ${response.status} ${answer.slice(0, 100)}`)
  }
}

/** In the shape in which the Web API's client says so. */
const limited = (retryAfter: string | null): Error =>
  Object.assign(new Error('Slack limits the rate'), {
    code: 'slack_webapi_rate_limited_error',
    retryAfter: Number(retryAfter) || 30,
  })
