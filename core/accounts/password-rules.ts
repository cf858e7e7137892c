import { AppError } from '../errors.ts'
import { isCommonPassword } from './common-passwords.ts'

const LEAST = 8
const MOST = 256

/**
 * A password that may be chosen, or `bad_input` that says why not: 8 characters or more, none of those that are tried first,
 * nothing that is made of who it is for. Which characters does not matter.
 */
export function checkPassword(password: string, about: readonly (string | undefined)[] = []): string {
  const problem = problemOf(password, about)
  if (problem === undefined) return password
  throw new AppError('bad_input', problem, { problems: [{ path: 'password', message: problem }] })
}

function problemOf(password: string, about: readonly (string | undefined)[]): string | undefined {
  const length = [...password].length
  if (length < LEAST) return `A password has at least ${LEAST} characters; 15 are better.`
  if (length > MOST) return `A password has at most ${MOST} characters.`
  if (isCommonPassword(password)) return 'This password is one of those that are tried first. Choose another one.'
  const small = password.toLowerCase()
  const own = [...about.flatMap((word) => (word === undefined ? [] : [word, ...word.split('@')])), 'muster']
  const isOwn = own.some((word) => word.length >= 4 && bare(small) === bare(word.toLowerCase()))
  return isOwn ? 'This password is made of your own name. Choose another one.' : undefined
}

/** Without what is hung on at the end. */
const bare = (text: string): string => text.replace(/[\d!?.,*#$@_-]+$/, '')
