import type { Account } from '../accounts/account.ts'
import type { Actor } from '../actor.ts'
import type { Resolved } from '../contexts/resolve.ts'
import { cut } from '../cut.ts'

/** Whose home it is, and in which context they act on this channel. */
export interface Person {
  actor: Actor
  account: Account
  resolved: Resolved
}

/** One line of at most so many characters. */
export function line(words: string, most: number): string {
  const joined = words.replaceAll(/\s+/g, ' ').trim()
  return joined.length > most ? `${cut(joined, most - 1)}…` : joined
}
