import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { formatUsd, showUsd } from '../money.ts'
import { confirmAboveMicros } from './confirm.ts'
import { prepareRun, requestHashOf } from './prepare.ts'
import type { PreparedRun, RunRequest } from './request.ts'
import { findReplay, type Submitted, submitPrepared } from './submit.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'log' | 'settings' | 'outbound' | 'models'>

/**
 * Starts a run for a program that a person speaks through, and that cannot be asked in between: what may cost more than
 * this person or team lets pass unasked needs their word beforehand, as the most that it may cost (`agreedMicros`). A word
 * that is given holds for every run. What is held is the very quote that was compared. Refused with the quote
 * (`confirmation_needed`), and like `submitRun`; the same request key again gives the same run.
 */
export async function startAgreed(
  core: Needs,
  actor: Actor,
  request: RunRequest,
  agreedMicros: bigint | undefined,
): Promise<Submitted> {
  const requestHash = requestHashOf(actor.context, request)
  const before = await findReplay(core.db, actor, requestHash)
  if (before) return before
  const prepared = await prepareRun(core, actor, request, requestHash)
  const limitMicros = agreedMicros ?? (await confirmAboveMicros(core, actor.context))
  if (prepared.quote.maxMicros > limitMicros) throw notAgreed(prepared, limitMicros, agreedMicros !== undefined)
  return core.db.write(async function startAgreedRun(tx) {
    return submitPrepared(core, tx, actor, prepared, request.conversation)
  })
}

function notAgreed({ definition, quote }: PreparedRun, limitMicros: bigint, isWord: boolean): AppError {
  const { estimateMicros, maxMicros } = quote
  const costs = `${definition.displayName} costs about ${showUsd(estimateMicros)} and at most ${showUsd(maxMicros)}`
  const limit = isWord
    ? `${showUsd(limitMicros)} was agreed to`
    : `above ${showUsd(limitMicros)} a person is asked first`
  const message = `${costs}; ${limit}. Nothing was started. Ask, and say the most it may cost when it is started again.`
  return new AppError('confirmation_needed', message, {
    facts: { estimateUsd: formatUsd(estimateMicros), maxUsd: formatUsd(maxMicros) },
  })
}
