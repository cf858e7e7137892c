import { findAccountByHandle } from '#db/accounts.ts'
import type { Reader } from '#db/db.ts'
import { AppError } from '../errors.ts'
import { plainHandle } from './account.ts'

const HANDLE = /^[a-z0-9_-]{2,32}$/
const MAX_LENGTH = 32
const FALLBACK = 'user'

/** Words that commands read as something else where a person may be named. */
const RESERVED = new Set(['me', 'personal', 'team'])

/** The handle as it is stored, or `bad_input`. */
export function checkHandle(wish: string): string {
  const handle = plainHandle(wish)
  const problem = HANDLE.test(handle)
    ? RESERVED.has(handle) && `The handle ${handle} is reserved.`
    : 'A handle has 2 to 32 characters of a–z, 0–9, _ and -.'
  if (problem) throw new AppError('bad_input', problem, { problems: [{ path: 'handle', message: problem }] })
  return handle
}

/** `conflict`, naming a handle that is free at this moment. */
export async function handleTaken(on: Reader, handle: string): Promise<AppError> {
  const suggestion = await freeHandle(on, handle)
  const message = `The handle ${handle} is taken; ${suggestion} is free.`
  return new AppError('conflict', message, {
    problems: [{ path: 'handle', message }],
    facts: { handle, suggestion },
  })
}

/**
 * A valid handle that nobody has, made from any name: `Zoë Müller` → `zoe-muller`, and `-2`, `-3`, … where that is taken.
 * Free at this moment only: inserting it may still find it taken.
 */
export async function freeHandle(on: Reader, wish: string): Promise<string> {
  const base = foldHandle(wish)
  const isTaken = async (handle: string): Promise<boolean> =>
    RESERVED.has(handle) || (await findAccountByHandle.first(on, { handle })) !== undefined
  if (!(await isTaken(base))) return base
  // Suffixes are given out without gaps, mostly: look in doubling steps, then halve. A thousandth `user` asks 20 times.
  let taken = 1
  let free = 2
  while (await isTaken(numbered(base, free))) [taken, free] = [free, free * 2]
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2)
    if (await isTaken(numbered(base, middle))) taken = middle
    else free = middle
  }
  return numbered(base, free)
}

function numbered(base: string, number: number): string {
  const suffix = `-${number}`
  return base.slice(0, MAX_LENGTH - suffix.length) + suffix
}

/** Letters that have no accent to take off. */
const PLAIN: Record<string, string> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i' }

function foldHandle(wish: string): string {
  const folded = plainHandle(wish)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[ßæœøłđðþı]/g, (letter) => PLAIN[letter] ?? '')
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .slice(0, MAX_LENGTH)
    .replaceAll(/^[-_]+|[-_]+$/g, '')
  return HANDLE.test(folded) ? folded : FALLBACK
}
