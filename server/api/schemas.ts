import { z } from 'zod'
import { isJsonObject, isShallow, type JsonObject } from '#core/json.ts'

/** Postgres cannot hold it in a text, and nobody types it. */
const NUL = '\u0000'

/** Words of people and ids: any text without NUL, up to `max` characters. */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes(NUL), 'must not contain the character NUL')

/** Dollars as text (`"12.50"`), never a number; what amounts there are is for the operation to say. */
export const amountUsd = text(32)

export const accountId = z.string().regex(/^acc_[\w-]{1,60}$/, 'must be the id of an account, like acc_…')

export const teamRole = z.enum(['owner', 'admin', 'member', 'viewer'])

/** `{"type": "team", "id": "team_…"}` or `{"type": "user", "id": "acc_…"}`: who pays. */
export const contextBody = z.strictObject({ type: z.enum(['team', 'user']), id: text(64).min(1) })

/** Deep enough for everything a tool takes, and far from where reading it again would fill the stack. */
const DEPTH_MAX = 64

/** Inputs: an object of anything that JSON can hold. */
export const jsonObject = z
  .custom<JsonObject>(isJsonObject, 'must be an object')
  .refine((value) => isShallow(value, DEPTH_MAX), `must not be nested deeper than ${DEPTH_MAX} levels`)
  .meta({ type: 'object', additionalProperties: true })

/** Anything that JSON can hold. */
export const anyJson = z
  .unknown()
  .refine((value) => isShallow(value, DEPTH_MAX), `must not be nested deeper than ${DEPTH_MAX} levels`)

const HEADERS_MAX = 50
export const headersBody = z
  .record(text(100).min(1), text(4_000))
  .refine((headers) => Object.keys(headers).length <= HEADERS_MAX, `must be at most ${HEADERS_MAX}`)

/** A moment in ISO 8601, with its zone; or a day, which is its beginning in UTC. → milliseconds */
export const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'must be a time like 2026-11-20T10:00:00Z, or a day')
  .transform((iso) => Date.parse(iso))

export const limit = (usual: number, most: number) => z.coerce.number().int().min(1).max(most).default(usual)
