import type { Context, MiddlewareHandler } from 'hono'
import type { Logger } from 'pino'
import type { Channel } from '#bots/channel.ts'
import type { Account } from '#core/accounts/account.ts'
import type { ApiScope } from '#core/accounts/scopes.ts'
import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import type { Mailer } from '#core/outbound/mail.ts'
import type { Config } from './config.ts'
import type { Tally } from './metrics/tally.ts'

/** Who a request comes from, as its key, its token or its cookie says. */
export interface Principal {
  account: Account
  /** `key` may do what its scopes allow; `session` what the account may. */
  by: { type: 'key'; id: string; scopes: ApiScope[] } | { type: 'session'; id: string; via: 'cookie' | 'token' }
}

/** What routes count beside the request itself; refused when it is too much. */
export interface Counting {
  countTeam(c: Context<Env>, teamId: string): Promise<void>
  /** One try of a code; `what` kind of code it is. */
  countTry(c: Context<Env>, what: string): Promise<void>
  /** One try to get into an account, from wherever it comes; `whose` as it was typed. */
  countAccountTry(c: Context<Env>, whose: string): Promise<void>
  /** One mail to an address, whoever asks for it. */
  countMail(c: Context<Env>, address: string): Promise<void>
}

/** What a request carries through the app. */
export interface Env {
  Variables: {
    requestId: string
    principal?: Principal
    actor?: Actor
    limits: Counting
    /** Of the allowance that the answer tells of. */
    requestsLeft?: number
  }
}

/** Spans of requests, runs and steps, for a collector. */
export interface Tracing {
  requests: MiddlewareHandler<Env>
  /** Spans of runs and steps, until tracing is closed. */
  follow(core: Pick<Core, 'log'>): void
  close(): Promise<void>
}

/** What the routes stand on. */
export interface ServerDeps {
  core: Core
  config: Config
  log: Logger
  /** Undefined where the operator has set up no mail. */
  mailer?: Mailer
  /** Channels that have a webhook. */
  channels: readonly Channel[]
  /** Aborted once the process stops: it is not ready any more, and what is cut off then was not cancelled by anybody. */
  stopping?: AbortSignal
  tally?: Tally
  tracing?: Tracing
}
