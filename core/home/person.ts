import type { Account } from '../accounts/account.ts'
import type { Actor } from '../actor.ts'
import type { Resolved } from '../contexts/resolve.ts'

/** Whose home it is, and in which context they act on this channel. */
export interface Person {
  actor: Actor
  account: Account
  resolved: Resolved
}
