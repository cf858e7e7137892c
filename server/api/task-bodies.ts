import { z } from 'zod'
import { PRIORITY_WORDS } from '#core/tasks/fields.ts'
import { isTaskStatus, TASK_STATUSES } from '#core/tasks/moves.ts'
import { cursor } from './pages.ts'
import { accountId, contextBody, jsonObject, limit, text } from './schemas.ts'

const words = z.array(text(500).min(1)).max(100)
const items = z
  .array(
    z.union([
      text(1_000).min(1),
      z.strictObject({
        id: text(20).exactOptional(),
        text: text(1_000).min(1),
        checked: z.boolean().exactOptional(),
        // What was read may be sent back as it is.
        by: z.unknown().optional(),
        at: z.unknown().optional(),
      }),
    ]),
  )
  .max(100)
  .transform((list) => list.map((one) => (typeof one === 'string' ? one : itemOf(one))))

const itemOf = ({ id, text, checked }: { id?: string; text: string; checked?: boolean }) => ({
  text,
  ...(id === undefined ? {} : { id }),
  ...(checked === undefined ? {} : { checked }),
})

const fields = {
  description: text(20_000).exactOptional(),
  priority: z.union([z.number().int().min(0).max(100), z.enum(PRIORITY_WORDS)]).exactOptional(),
  labels: words.exactOptional(),
  acceptanceCriteria: items.exactOptional(),
  definitionOfDone: items.exactOptional(),
  needs: words.exactOptional(),
  /** Ids of tasks of the same board. */
  dependencies: words.exactOptional(),
  /** Words, or ids of tasks. */
  blockers: words.exactOptional(),
  assignee: accountId.nullable().exactOptional(),
  /** A tool that does it; see the command `muster worker`. */
  executor: z
    .strictObject({ tool: text(64), inputs: jsonObject.default({}) })
    .nullable()
    .exactOptional(),
  externalIds: z.record(text(64).min(1), text(200)).exactOptional(),
}
export const createBody = z.strictObject({ title: text(300).min(1), ...fields, context: contextBody.exactOptional() })
export const patchBody = z.strictObject({ title: text(300).min(1).exactOptional(), ...fields })
const status = z.enum(TASK_STATUSES)
export const moveBody = z.strictObject({ to: status, reason: text(2_000).exactOptional() })
const ids = z.array(text(64).min(1)).min(1).max(100)
export const batchBody = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('transition'), ids, to: status, reason: text(2_000).exactOptional() }),
  z.strictObject({ action: z.literal('edit'), ids, fields: patchBody }),
])
export const claimBody = z.strictObject({ label: text(500).exactOptional(), context: contextBody.exactOptional() })
export const nothing = z.strictObject({})
export const checkBody = z.strictObject({ itemId: text(20), checked: z.boolean().default(true) })
export const logBody = z.strictObject({ text: text(4_000).min(1) })
export const reasonBody = z.strictObject({ reason: text(2_000).min(1) })
export const reassignBody = z.strictObject({ assignee: accountId.nullable(), reason: text(2_000).min(1) })
export const listQuery = z.strictObject({
  /** One, or several with commas. */
  status: text(200)
    .transform((list) => list.split(','))
    .refine((list) => list.every(isTaskStatus), `must be among ${TASK_STATUSES.join(', ')}`)
    .transform((list) => list.filter(isTaskStatus))
    .exactOptional(),
  /** An account id, `me`, or `none`. */
  assignee: text(100).exactOptional(),
  label: text(500).exactOptional(),
  priority: z.coerce.number().int().min(0).max(100).exactOptional(),
  cursor,
  limit: limit(50, 200),
})
export const logQuery = z.strictObject({ cursor, limit: limit(50, 200) })
