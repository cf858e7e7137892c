import type { Context } from 'hono'
import type { Counting, Env, Principal, ServerDeps } from '../env.ts'
import { addressOf } from './address.ts'
import { Allowance, type Counts } from './allowance.ts'
import { ownShares, sharedShares } from './shares.ts'

/** An account may have several keys and a console open, a team has several people. */
const KEYS_OF_AN_ACCOUNT = 2
const KEYS_OF_A_TEAM = 4
/** Codes are guessed by trying. */
const TRIES_PER_MINUTE = 5
/** Of one account, from wherever they come: what is guessed for longer than a minute is slowed further. */
const TRIES_PER_HOUR = 30
const HOUR_MS = 60 * 60_000
/** To one mailbox. A link is good for ten minutes: who asks for their own always has one that is. */
const MAILS_PER_TEN_MINUTES = 5
const TEN_MINUTES_MS = 10 * 60_000
const TELL_EVERY_MS = 60_000

const TOO_MANY_TRIES =
  'Too many tries for this account. A link from /console in the chat, one by mail and a browser you signed in with before still get you in.'
const TOO_MANY_MAILS = 'Enough mails have gone there; the newest of them works.'

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * How much may be asked of the API: for each key, each account, each team, and for each address from which somebody asks
 * whom nobody knows. What is signed (webhooks, callbacks) is not counted: refusing it would lose what others have sent.
 */
export class RequestLimits implements Counting {
  readonly #ofKey: Allowance
  readonly #ofAccount: Allowance
  readonly #ofTeam: Allowance
  readonly #ofAddress: Allowance
  readonly #tries: Allowance
  readonly #triesOfAccount: Allowance
  readonly #triesOfAccountInAnHour: Allowance
  readonly #mails: Allowance
  readonly #trustedProxies: number

  constructor({ core, config, log }: Pick<ServerDeps, 'core' | 'config' | 'log'>) {
    const { perKey, perAddress } = config.requestsPerMinute
    let toldMs = Number.NEGATIVE_INFINITY
    const counts: Counts = {
      // Several processes on one SQLite file have one that answers requests.
      shares: core.db.dialect === 'postgres' ? sharedShares(core) : ownShares(core),
      clock: core.clock,
      onTrouble(err) {
        if (core.clock.nowMs() - toldMs < TELL_EVERY_MS) return
        toldMs = core.clock.nowMs()
        log.error({ err }, 'Requests cannot be counted together: reads go on, everything else is refused')
      },
    }
    const allow = (name: string, points: number, words?: string, lengthMs?: number): Allowance =>
      new Allowance(counts, {
        name,
        points,
        ...(words === undefined ? {} : { words }),
        ...(lengthMs === undefined ? {} : { lengthMs }),
      })
    this.#ofKey = allow('key', perKey)
    this.#ofAccount = allow('account', perKey * KEYS_OF_AN_ACCOUNT, 'Too many requests of this account.')
    this.#ofTeam = allow('team', perKey * KEYS_OF_A_TEAM, 'Too many requests of this team.')
    this.#ofAddress = allow('address', perAddress, 'Too many requests from this address without a key that works.')
    this.#tries = allow('try', TRIES_PER_MINUTE, 'Too many tries.')
    this.#triesOfAccount = allow('account-try', TRIES_PER_MINUTE, TOO_MANY_TRIES)
    this.#triesOfAccountInAnHour = allow('account-hour', TRIES_PER_HOUR, TOO_MANY_TRIES, HOUR_MS)
    this.#mails = allow('mailbox', MAILS_PER_TEN_MINUTES, TOO_MANY_MAILS, TEN_MINUTES_MS)
    this.#trustedProxies = config.trustedProxies
  }

  async count(c: Context<Env>, principal: Principal | undefined): Promise<void> {
    const mayGuess = READS.has(c.req.method)
    if (!principal) return this.#ofAddress.take(c, this.#addressOf(c), { mayGuess })
    const { account, by } = principal
    if (by.type === 'key') await this.#ofKey.take(c, by.id, { mayGuess })
    await this.#ofAccount.take(c, account.id, { mayGuess })
  }

  countTeam(c: Context<Env>, teamId: string): Promise<void> {
    return this.#ofTeam.take(c, teamId, { mayGuess: READS.has(c.req.method) })
  }

  countTry(c: Context<Env>, what: string): Promise<void> {
    return this.#tries.take(c, `${what}:${this.#addressOf(c)}`, { mayGuess: false })
  }

  async countAccountTry(c: Context<Env>, whose: string): Promise<void> {
    await this.#triesOfAccount.take(c, whose, { mayGuess: false })
    await this.#triesOfAccountInAnHour.take(c, whose, { mayGuess: false })
  }

  countMail(c: Context<Env>, address: string): Promise<void> {
    return this.#mails.take(c, address, { mayGuess: false })
  }

  #addressOf(c: Context<Env>): string {
    return addressOf(c, this.#trustedProxies)
  }
}
