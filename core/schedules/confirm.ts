import type { Reader } from '#db/db.ts'
import { type Code, findCode, newCode, refusedCode, spendCode, storeCode } from '../accounts/codes.ts'
import type { Actor } from '../actor.ts'
import { contextKey, contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { checkSchedule, type NewSchedule, putSchedule } from './create.ts'

const KIND = 'schedule'
const LIFETIME_MS = 24 * 3_600_000
/** Tells the question of a schedule from that of a run, which is answered by the same command. */
const MARK = 'when-'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'settings'>

export const isScheduleCode = (code: string): boolean => code.startsWith(MARK)

/** Keeps a schedule that does not exist yet for the person who has to say yes to it. The same request key, the same code. */
export async function askToSchedule(
  core: Pick<Core, 'db' | 'clock' | 'ids'>,
  actor: Actor,
  request: NewSchedule,
): Promise<{ code: string }> {
  const nowMs = core.clock.nowMs()
  const payload = JSON.parse(JSON.stringify({ request, context: contextKey(actor.context) })) as JsonObject
  return core.db.write(async function askToSchedule(tx) {
    return once(tx, { actor, operation: 'schedule.ask', input: payload, nowMs }, async () => {
      const code = `${MARK}${newCode(core.ids)}`
      await storeCode(tx, { kind: KIND, code, accountId: actor.accountId, payload, lifetimeMs: LIFETIME_MS, nowMs })
      return { code }
    })
  })
}

/**
 * Makes the schedule that was asked about, once, in the context it was asked in: the use of the code and the schedule are
 * one transaction. Refused: `forbidden` for others, `conflict` when it was answered, `expired`, and like `createSchedule`.
 */
export async function confirmSchedule(
  core: Needs,
  actor: Actor,
  code: string,
): Promise<{ id: string; context: string }> {
  const nowMs = core.clock.nowMs()
  const question = await questionFor(core.db, actor, code, nowMs)
  const isReplay = actor.requestKey !== undefined && question.payload.requestKey === actor.requestKey
  if (question.isUsed && question.payload.id && isReplay) {
    return { id: String(question.payload.id), context: String(question.payload.context) }
  }
  if (question.isUsed) throw answered(question)
  const context = String(question.payload.context)
  const request = question.payload.request as unknown as NewSchedule
  const keeper = { ...actor, context: contextOf(context) }
  const { terms } = await checkSchedule(core, keeper, request)
  return core.db.write(async function confirmSchedule(tx) {
    const { id } = await putSchedule(core, tx, keeper, { request, terms })
    const payload: JsonObject = { context, id, requestKey: (actor.requestKey ?? null) as Json }
    // Another press was faster; this schedule is undone with the refusal.
    if (!(await spendCode(tx, { kind: KIND, code, payload, nowMs }))) throw answered({ payload })
    return { id, context }
  })
}

/** Says no: nothing is made, and the code makes nothing any more. */
export async function declineSchedule(core: Pick<Core, 'db' | 'clock'>, actor: Actor, code: string): Promise<void> {
  const nowMs = core.clock.nowMs()
  const question = await questionFor(core.db, actor, code, nowMs)
  if (question.isUsed && question.payload.id) throw answered(question)
  await core.db.write(async function declineSchedule(tx) {
    await spendCode(tx, { kind: KIND, code, payload: {}, nowMs })
  })
}

async function questionFor(on: Reader, actor: Actor, code: string, nowMs: number): Promise<Code> {
  const found = await findCode(on, KIND, code)
  if (!found) throw new AppError('not_found', 'There is nothing to confirm under this code.')
  if (found.accountId !== actor.accountId) {
    throw new AppError('forbidden', 'Only the person who asked for this schedule can confirm it.')
  }
  if (!found.isUsed && found.expiresAtMs <= nowMs) throw refusedCode(found, 'question', nowMs)
  return found
}

const answered = ({ payload }: Pick<Code, 'payload'>): AppError =>
  new AppError(
    'conflict',
    payload.id
      ? 'You have said yes to this already. /schedules lists what there is.'
      : 'You have called this off already.',
  )
