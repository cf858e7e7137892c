import { confirmClaim } from '#db/queue/claims.ts'
import type { Handler } from '#db/queue/dispatcher.ts'
import type { Claim } from '#db/queue/queue.ts'
import { renderBudgetCard } from './budgets/card.ts'
import { budgetIdOf } from './budgets/request.ts'
import { deliver } from './chat/deliver.ts'
import type { RenderCard } from './chat/delivery.ts'
import { type Handle, handleInbox } from './chat/inbox.ts'
import { LiveTexts } from './chat/live.ts'
import type { ChannelName, Part } from './chat/message.ts'
import { addressOf } from './chat/outbox.ts'
import type { Senders } from './chat/sender.ts'
import type { Core } from './core.ts'
import { contextOfFundsKey } from './economy/wake.ts'
import { renderFormCard } from './forms/card.ts'
import { formOfKey } from './forms/form.ts'
import { accountOfHome } from './home/address.ts'
import { renderHomeCard } from './home/card.ts'
import { HomeKeeper } from './home/keeper.ts'
import { workOnHeld } from './notifications/held.ts'
import { accountOfHeldKey } from './notifications/held-key.ts'
import { cycleOfKey } from './plans/cycle-key.ts'
import { workOnCycle } from './plans/work.ts'
import { renderReviewCard } from './reviews/card.ts'
import { reviewIdOf } from './reviews/card-key.ts'
import { workOnReview } from './reviews/timers.ts'
import { RuleFollower } from './rules/follower.ts'
import { renderRunCard } from './runs/card.ts'
import { fundWaiting } from './runs/fund-waiting.ts'
import { workOnRun } from './runs/session.ts'
import { ScheduleTimer } from './schedules/timer.ts'
import { taskOfKey } from './tasks/by-agent/key.ts'
import { workOnTask } from './tasks/by-agent/work.ts'
import { matchOfKey } from './tasks/match/key.ts'
import { workOnMatch } from './tasks/match/matched.ts'
import { deliveryOfKey } from './triggers/delivery-work.ts'
import { workOnDelivery } from './triggers/start.ts'
import { type ReadMeant, type ShowMeant, workOnWords } from './words/answered.ts'
import { proposalOfKey } from './words/key.ts'

/** Long enough that a process which can do it comes first, short enough that nobody waits for it. */
const NOT_OURS_MS = 1_000

export interface WorkOptions {
  handle?: Handle
  senders: Senders
  /** How what a model made of plain words is read and shown; it comes from where the commands are. */
  words?: { read: ReadMeant; show: ShowMeant }
  schedules?: boolean
}

/**
 * Begins to work in this process: runs, schedules, incoming messages, deliveries. Messages of channels that it cannot reach, and
 * incoming ones when it has no commands, are left to a process that can, and so are schedules by one that is here for a
 * moment only (`schedules: false`). Ends with `core.queue.stop()`.
 */
export async function startWork(core: Core, { handle, senders, words, schedules = true }: WorkOptions): Promise<void> {
  const reachable =
    (work: Handler): Handler =>
    (claim, signal) =>
      senders.has(addressOf(claim.key).channel) ? work(claim, signal) : leaveIt(core, claim)
  await core.queue.start(
    {
      run: (claim, signal) =>
        proposalOfKey(claim.key) === undefined
          ? workOnKey(core, claim, signal)
          : words
            ? workOnWords(core, claim, words)
            : leaveIt(core, claim),
      inbox: reachable((claim, signal) =>
        handle ? handleInbox(core, senders, handle, claim, signal) : leaveIt(core, claim),
      ),
      outbox: reachable((claim, signal) => deliver(core, senders, cardsOn(core, senders), claim, signal)),
    },
    ({ kind, key }) =>
      kind === 'run' || (senders.has(addressOf(key).channel) && (kind === 'outbox' || handle !== undefined)),
  )
  const unlisten = new LiveTexts(core, senders).listen()
  core.queue.accompany({ wake: () => {}, stop: async () => unlisten() })
  if (!schedules) return
  core.queue.accompany(new ScheduleTimer(core))
  if (senders.has('rule') && handle) core.queue.accompany(new RuleFollower(core))
  for (const { name, homes } of senders.values()) if (homes && handle) core.queue.accompany(new HomeKeeper(core, name))
}

/**
 * A review, a line for money, what somebody is told later, what a webhook brought and a task of an agent have no work of their own but what the
 * clock, the wallet or a sender brings; they wait with the runs.
 */
function workOnKey(core: Core, claim: Claim, signal: AbortSignal): Promise<void> {
  if (reviewIdOf(claim.key) !== undefined) return workOnReview(core, claim)
  if (contextOfFundsKey(claim.key) !== undefined) return fundWaiting(core, claim, signal)
  if (accountOfHeldKey(claim.key) !== undefined) return workOnHeld(core, claim)
  if (deliveryOfKey(claim.key) !== undefined) return workOnDelivery(core, claim)
  if (cycleOfKey(claim.key) !== undefined) return workOnCycle(core, claim)
  if (taskOfKey(claim.key) !== undefined) return workOnTask(core, claim, signal)
  if (matchOfKey(claim.key) !== undefined) return workOnMatch(core, claim)
  return workOnRun(core, claim, signal)
}

function cardsOn(core: Core, senders: Senders): RenderCard {
  return (cardKey, channel, isPrivate) => {
    if (formOfKey(cardKey)) return renderFormCard(core, cardKey, { forms: senders.get(channel)?.forms, isPrivate })
    if (accountOfHome(cardKey) !== undefined) return renderHomeCard(core, cardKey, channel)
    return renderCard(core, cardKey, channel, isPrivate)
  }
}

function renderCard(
  core: Core,
  cardKey: string,
  channel: ChannelName,
  isPrivate: boolean,
): Promise<Part[] | undefined> {
  if (reviewIdOf(cardKey) !== undefined) return renderReviewCard(core.db, cardKey, isPrivate)
  if (budgetIdOf(cardKey) !== undefined) return renderBudgetCard(core.db, cardKey, core.clock.nowMs())
  return renderRunCard(core, cardKey, channel)
}

async function leaveIt(core: Core, claim: Claim): Promise<void> {
  const nextAtMs = core.clock.nowMs() + NOT_OURS_MS
  await core.db.write(async function leaveToOthers(tx) {
    await confirmClaim(tx, claim)
    // Asked to look again meanwhile: the second release finds nothing in the way.
    if (!(await core.queue.release(tx, claim, nextAtMs))) await core.queue.release(tx, claim, nextAtMs)
  })
}
