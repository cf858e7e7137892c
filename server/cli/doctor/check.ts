import { messageOf } from '../output.ts'

/** What was looked at, how it stands, and, unless all is well, what to do. */
export interface Check {
  name: string
  status: 'ok' | 'warn' | 'fail'
  detail: string
  fix?: string
}

export const ok = (name: string, detail: string): Check => ({ name, status: 'ok', detail })
export const warn = (name: string, detail: string, fix: string): Check => ({ name, status: 'warn', detail, fix })
export const fail = (name: string, detail: string, fix: string): Check => ({ name, status: 'fail', detail, fix })

/** A look that itself breaks is a failed check, and the others go on. */
export async function attempt(name: string, fix: string, look: () => Promise<Check>): Promise<Check> {
  try {
    return await look()
  } catch (error) {
    return fail(name, messageOf(error), fix)
  }
}
