import { findBudgetRequest } from '#db/budgets.ts'
import type { Reader } from '#db/db.ts'
import { type Part, text } from '../chat/message.ts'
import { budgetIdOf, statusAt } from './request.ts'
import { requestSentence, utcTime } from './words.ts'

/** What those read who may decide about a request: its buttons are gone as soon as one of them has. */
export async function renderBudgetCard(on: Reader, cardKey: string, nowMs: number): Promise<Part[] | undefined> {
  const id = budgetIdOf(cardKey)
  const row = id ? await findBudgetRequest.first(on, { id }) : undefined
  if (!row) return undefined
  const parts: Part[] = [text(await requestSentence(on, row))]
  if (row.reason) parts.push(text(`“${row.reason}”`))
  const status = statusAt(row, nowMs)
  if (status === 'open') {
    const ends = row.limit_name === 'available' ? '' : `Once granted it ends on ${utcTime(row.until_ms)}. `
    return [
      ...parts,
      text(`${ends}Please answer by ${utcTime(row.expires_at_ms)}.`, 'muted'),
      {
        type: 'buttons',
        buttons: [
          { label: 'Grant', command: `/allowmore ${row.id}`, style: 'primary', says: 'approve' },
          { label: 'Decline', command: `/declinemore ${row.id}`, style: 'danger' },
        ],
      },
    ]
  }
  const by = row.decider === null ? '' : ` by @${row.decider}, on ${utcTime(row.decided_at_ms ?? 0)}`
  const why = row.decision_reason ? `: ${row.decision_reason}` : '.'
  const how = { granted: 'Granted', declined: 'Declined', expired: 'Nobody answered in time' }[status]
  return [...parts, text(`${how}${by}${why}`, 'strong')]
}
