import { z } from 'zod'
import type { JsonObject } from '#core/json.ts'

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? unknown : never) : never

/**
 * The shape of an answer beside the type it has in the code: it does not compile when one of them has, or allows, what the
 * other does not.
 */
export const shapeOf =
  <T>() =>
  <S extends z.ZodType>(schema: S & Same<z.output<S>, T>): S =>
    schema

/** Dollars as text, exact to a millionth. */
export const usd = z.string().regex(/^-?\d+\.\d{2,6}$/)
/** ISO 8601 in UTC. */
export const moment = z.string().meta({ format: 'date-time' })
/** An object that is described elsewhere, or by nobody. */
export const object = <T>(description: string) => z.custom<T>().meta({ type: 'object', description })
export const json = object<JsonObject>('Any object')
export const context = z.object({ type: z.enum(['user', 'team']), id: z.string() })
export const teamRole = z.enum(['owner', 'admin', 'member', 'viewer'])
/** Why something went wrong: a code for programs, a sentence for people. */
export const failure = z.object({ code: z.string(), message: z.string() })
export const channel = z.enum(['telegram', 'slack', 'email', 'web', 'webhook', 'api', 'mcp', 'rule'])
