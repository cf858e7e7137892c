import { messageOf } from '../cli/output.ts'

/** How one part of the program stands, in a sentence. `warn` works, and wants somebody to look. */
export interface Part {
  status: 'ok' | 'warn' | 'fail'
  detail: string
}

export const ok = (detail: string): Part => ({ status: 'ok', detail })
export const warn = (detail: string): Part => ({ status: 'warn', detail })
export const fail = (detail: string): Part => ({ status: 'fail', detail })

/** A look that breaks, or takes too long, is a part that fails; the others are told all the same. */
export async function part(look: () => Part | Promise<Part>, withinMs: number): Promise<Part> {
  const { promise: late, resolve } = Promise.withResolvers<Part>()
  const timer = setTimeout(() => resolve(fail(`No answer within ${withinMs / 1_000} s.`)), withinMs)
  try {
    return await Promise.race([look(), late])
  } catch (error) {
    return fail(messageOf(error))
  } finally {
    clearTimeout(timer)
  }
}
