import { findBudgetRequest } from '#db/budgets.ts'
import { findBudgetRequests } from '../budgets/read.ts'
import { requestSentence } from '../budgets/words.ts'
import type { Part } from '../chat/message.ts'
import { text } from '../chat/message.ts'
import type { Core } from '../core.ts'
import { oneLine } from '../cut.ts'
import { reviewsFor } from '../reviews/read.ts'
import type { Person } from './person.ts'

const REVIEWS_MAX = 5
const REQUESTS_MAX = 3

/** What others wait for this person with: reviews in all their contexts, and requests for money in this one. */
export async function waiting(core: Pick<Core, 'db' | 'clock'>, person: Person): Promise<Part[]> {
  const parts = [...(await reviews(core, person)), ...(await requests(core, person))]
  return parts.length > 0 ? [text('Waiting for you', 'strong'), ...parts] : [text('Nothing waits for you.', 'muted')]
}

/** What is to be decided shows with its buttons when it is looked at: nobody decides on what they have not seen. */
async function reviews({ db }: Pick<Core, 'db'>, { actor }: Person): Promise<Part[]> {
  const open = await reviewsFor(db, actor.accountId)
  if (open.length === 0) return []
  const shown = open.slice(0, REVIEWS_MAX)
  const more = open.length - shown.length
  const items = shown.map(({ title, prompt }) => oneLine(prompt ? `${title}: ${prompt}` : title, 200))
  return [
    { type: 'list', items: more > 0 ? [...items, `${more} more`] : items },
    {
      type: 'buttons',
      buttons: [
        ...shown.map(({ id, title }) => ({
          label: `Review ${oneLine(title, 40)}`,
          command: `/review ${id}`,
          style: 'primary' as const,
        })),
        ...(more > 0 ? [{ label: 'All reviews', command: '/reviews' }] : []),
      ],
    },
  ]
}

async function requests(core: Pick<Core, 'db' | 'clock'>, { actor }: Person): Promise<Part[]> {
  const { items } = await findBudgetRequests(core, actor, { status: 'open', limit: 20 })
  // Whoever may not decide sees only what they asked for themselves.
  const others = items.filter(({ requester }) => requester.accountId !== actor.accountId)
  const parts: Part[] = []
  for (const { id, requester } of others.slice(0, REQUESTS_MAX)) {
    const row = await findBudgetRequest.first(core.db, { id })
    if (!row) continue
    const who = `@${requester.handle}`
    parts.push(text(await requestSentence(core.db, row)), {
      type: 'buttons',
      buttons: [
        { label: `Grant ${who}`, command: `/allowmore ${id}`, style: 'primary' },
        { label: `Decline ${who}`, command: `/declinemore ${id}`, style: 'danger' },
      ],
    })
  }
  return parts
}
