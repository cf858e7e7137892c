import { AppError } from '#core/errors.ts'
import type { Command } from './command.ts'

/**
 * What only a person says, when they mean it: what decides about others' work, moves money between wallets, lets people in or
 * out, ends a team, or is answered with what signs somebody in. A rule says none of it.
 */
const BY_HAND: ReadonlySet<string> = new Set([
  'console',
  'linkchat',
  'unlinkchat',
  'invitemember',
  'invitations',
  'setrole',
  'removemember',
  'leaveteam',
  'transferteam',
  'deleteteam',
  'fund',
  'repay',
  'cap',
  'creditline',
  'grant',
  'refund',
  'allowmore',
  'declinemore',
  'approve',
  'reject',
  'requestchanges',
  'choose',
  'answer',
  'accept',
  'confirm',
])

/** Said by buttons alone, or by people who are not known yet: those are people too. */
export const isByHand = ({ name, access, isHidden }: Pick<Command, 'name' | 'access' | 'isHidden'>): boolean =>
  access === 'stranger' || isHidden || BY_HAND.has(name)

export const onlyByHand = ({ name }: Pick<Command, 'name'>): AppError =>
  new AppError('forbidden', `/${name} is for people to say; it is not said by itself.`)

/** For a test: each of them is a command. */
export const BY_HAND_NAMES = [...BY_HAND]
