import type { Context } from 'hono'
import type { Config } from '../config.ts'
import type { Counting, Env, Principal } from '../env.ts'
import { Allowance, addressOf } from './allowance.ts'

/** An account may have several keys and a console open, a team has several people. */
const KEYS_OF_AN_ACCOUNT = 2
const KEYS_OF_A_TEAM = 4
/** Codes are guessed by trying. */
const TRIES_PER_MINUTE = 5

/**
 * How much may be asked of the API: for each key, each account, each team, and for each address from which somebody asks
 * whom nobody knows. What is signed (webhooks, callbacks) is not counted: refusing it would lose what others have sent.
 */
export class RequestLimits implements Counting {
  readonly #ofKey: Allowance
  readonly #ofAccount: Allowance
  readonly #ofTeam: Allowance
  readonly #ofAddress: Allowance
  readonly #tries = new Allowance(TRIES_PER_MINUTE, 'Too many tries.')

  constructor({ requestsPerMinute: { perKey, perAddress } }: Pick<Config, 'requestsPerMinute'>) {
    this.#ofKey = new Allowance(perKey)
    this.#ofAccount = new Allowance(perKey * KEYS_OF_AN_ACCOUNT, 'Too many requests of this account.')
    this.#ofTeam = new Allowance(perKey * KEYS_OF_A_TEAM, 'Too many requests of this team.')
    this.#ofAddress = new Allowance(perAddress, 'Too many requests from this address without a key that works.')
  }

  async count(c: Context<Env>, principal: Principal | undefined): Promise<void> {
    if (!principal) return this.#ofAddress.take(c, addressOf(c))
    const { account, by } = principal
    if (by.type === 'key') await this.#ofKey.take(c, by.id)
    await this.#ofAccount.take(c, account.id)
  }

  countTeam(c: Context<Env>, teamId: string): Promise<void> {
    return this.#ofTeam.take(c, teamId)
  }

  countTry(c: Context<Env>, what: string): Promise<void> {
    return this.#tries.take(c, `${what}:${addressOf(c)}`)
  }
}
