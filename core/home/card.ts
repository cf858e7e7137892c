import type { ChannelName, Part } from '../chat/message.ts'
import { text } from '../chat/message.ts'
import type { Acting } from '../contexts/actor-for.ts'
import { actorFor } from '../contexts/actor-for.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { accountOfHome } from './address.ts'
import { jobsToRun } from './jobs.ts'
import { payment } from './payment.ts'
import { ownRuns } from './runs.ts'
import { waiting } from './waiting.ts'

type Needs = Pick<Core, 'db' | 'clock'>

/** What somebody's home says at this moment; made when it is shown, so that ten changes make one. */
export async function renderHomeCard(core: Needs, cardKey: string, channel: ChannelName): Promise<Part[] | undefined> {
  const accountId = accountOfHome(cardKey)
  return accountId === undefined ? undefined : homeParts(core, { accountId, channel })
}

/** Who pays and what is left, what waits for the person, what they run and ran, and what there is to run. */
export async function homeParts(core: Needs, acting: Acting): Promise<Part[]> {
  try {
    const person = await actorFor(core, { ...acting, isSilent: true })
    return [
      ...(await payment(core, person)),
      ...(await waiting(core, person)),
      ...(await ownRuns(core, person)),
      ...(await jobsToRun(core, person)),
    ]
  } catch (error) {
    // A closed account, for one.
    if (error instanceof AppError) return [text(error.message)]
    throw error
  }
}
