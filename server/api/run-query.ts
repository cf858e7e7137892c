import { z } from 'zod'
import type { RunQuery } from '#core/runs/read.ts'
import { RUN_MOVES } from '#core/runs/states.ts'
import { cursor } from './pages.ts'
import { limit, moment, text } from './schemas.ts'

const STATUSES = Object.keys(RUN_MOVES)
const statusList = z
  .string()
  .transform((list) => list.split(',').map((status) => status.trim()))
  .pipe(z.array(z.enum(STATUSES, `must be a list of ${STATUSES.join(', ')}`)))

export const runQuery = z.strictObject({
  jobId: text(100).exactOptional(),
  status: statusList.exactOptional(),
  /** Started by this schedule. */
  schedule: text(64).min(1).exactOptional(),
  /** Who started it. */
  account: text(64).exactOptional(),
  /** In the job's name or the inputs. */
  text: text(200).exactOptional(),
  from: moment.exactOptional(),
  /** Before, not at. */
  to: moment.exactOptional(),
  cursor,
  limit: limit(50, 200),
})
export const personQuery = runQuery.omit({ account: true })

type ListQuery = z.infer<typeof personQuery> & { account?: string }

/** As the core asks for it. */
export function runQueryOf({ account, schedule, status, to, jobId, text, from, cursor, limit }: ListQuery): RunQuery {
  return {
    limit,
    ...(account === undefined ? {} : { accountId: account }),
    ...(schedule === undefined ? {} : { scheduleId: schedule }),
    ...(status === undefined ? {} : { statuses: status }),
    ...(jobId === undefined ? {} : { jobId }),
    ...(text === undefined ? {} : { text }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { before: to }),
    ...(cursor === undefined ? {} : { cursor }),
  }
}
