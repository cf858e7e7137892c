import { accountById } from '../accounts/account.ts'
import { contextOf } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { payLine } from '../runs/pay-line.ts'
import { definitionOf, quoteRun } from '../runs/quote.ts'
import { payerName } from '../teams/payer.ts'
import { valuesOf } from './answers.ts'
import type { Form } from './form.ts'

/** What stands above the fields: who pays and how much with what is there so far, or the question. */
export async function noteOf(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  { accountId, channel, purpose, terms, answers }: Form,
): Promise<string | undefined> {
  if (purpose.kind !== 'run' || !purpose.target) return terms.note
  const context = contextOf(purpose.context)
  const account = await accountById(core.db, accountId)
  if (!account) return terms.note
  const { handle, platformRole } = account
  const actor = { accountId, handle, platformRole, channel, context }
  try {
    const definition = await definitionOf(core, actor, purpose.target)
    const quote = await quoteRun(core, actor, definition, valuesOf(answers).values)
    return await payLine(core.db, { context, payer: await payerName(core.db, context) }, quote)
  } catch (error) {
    // Without a price, or when the job is gone, sending it says so.
    if (error instanceof AppError) return terms.note
    throw error
  }
}
