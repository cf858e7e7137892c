import { argon2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '../errors.ts'
import { keyBytes } from '../ids.ts'

const derive = promisify(argon2)

/** 19 MiB and two passes: a guess costs 25 ms of a core, as OWASP and ASVS advise. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 }
const SALT_BYTES = 16
const HASH_BYTES = 32

/** Each takes 19 MiB and one of the four threads that files and names need too. */
const AT_ONCE = 2
const WAITING_MOST = 200

/** What nobody's password is: where there is none to compare with, the work is done all the same. */
const NOBODYS = `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** As it is stored: argon2id in the PHC format, with parameters and salt. */
export async function hashPassword(password: string): Promise<string> {
  const salt = keyBytes(SALT_BYTES)
  const hash = await hashWith(password, { salt, ...COST, length: HASH_BYTES })
  const { memory, passes, parallelism } = COST
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${plain64(salt)}$${plain64(hash)}`
}

/** Whether it is the password. Without a stored hash the answer is no, after the same work. */
export async function verifyPassword(stored: string | null | undefined, password: string): Promise<boolean> {
  const wanted = parse(stored ?? NOBODYS)
  const hash = await hashWith(password, { ...wanted, length: wanted.hash.length })
  return timingSafeEqual(hash, wanted.hash) && typeof stored === 'string'
}

/** It was made with other parameters than are used now. */
export const isOutdated = (stored: string): boolean => {
  const { memory, passes, parallelism } = parse(stored)
  return memory !== COST.memory || passes !== COST.passes || parallelism !== COST.parallelism
}

interface Wanted {
  memory: number
  passes: number
  parallelism: number
  salt: Buffer
}

function parse(stored: string): Wanted & { hash: Buffer } {
  const [, memory, passes, parallelism, salt = '', hash = ''] =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(stored) ?? []
  if (!hash) throw new Error('A stored password is not in a format that is known')
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  }
}

async function hashWith(
  password: string,
  { memory, passes, parallelism, salt, length }: Wanted & { length: number },
): Promise<Buffer> {
  await enter()
  try {
    // Letters that can be written in two ways are one password, whatever keyboard they come from.
    const message = password.normalize('NFKC')
    return await derive('argon2id', { message, nonce: salt, memory, passes, parallelism, tagLength: length })
  } finally {
    leave()
  }
}

let busy = 0
const waiting: (() => void)[] = []

async function enter(): Promise<void> {
  if (busy < AT_ONCE) {
    busy++
    return
  }
  if (waiting.length >= WAITING_MOST) throw new AppError('busy', 'Too many people sign in right now. Try again soon.')
  await new Promise<void>((resolve) => waiting.push(resolve))
}

function leave(): void {
  const next = waiting.shift()
  // The place goes on to who waits.
  if (next) next()
  else busy--
}

const plain64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
