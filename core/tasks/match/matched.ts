import type { Tx } from '#db/db.ts'
import { confirmClaim } from '#db/queue/claims.ts'
import type { Claim } from '#db/queue/queue.ts'
import { findRunByKey, type RunRow } from '#db/runs.ts'
import { holdTask, type TaskRow } from '#db/tasks.ts'
import { agentIn } from '../../agents/agent.ts'
import { type Button, type ChannelName, type Part, text } from '../../chat/message.ts'
import { putMessage } from '../../chat/outbox.ts'
import { contextOf } from '../../context.ts'
import type { Core } from '../../core.ts'
import { AppError } from '../../errors.ts'
import { isJsonObject, type Json } from '../../json.ts'
import { showUsd } from '../../money.ts'
import { notify } from '../../notifications/notify.ts'
import { matchOfKey, taskOfMatch } from './key.ts'
import { giveMatched, isFree, type Matched } from './match.ts'
import { matchAnswer } from './question.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

/** A model that is not even this sure has not decided anything. */
const SURE_ENOUGH = 0.5

/**
 * Takes what a model has said about who fits a task: it is given to that agent, or whoever asked hears that nobody is sure. All
 * of it is written once, together with the claim. A task that somebody has taken meanwhile stays theirs.
 */
export async function workOnMatch(core: Needs, claim: Claim): Promise<void> {
  const { runKey, conversation } = matchOfKey(claim.key) ?? { runKey: '', conversation: null }
  for (let isDone = false; !isDone; ) {
    const run = await findRunByKey.first(core.db, { idempotencyKey: runKey })
    const name = run && answerOf(run)?.who
    const agent = run && name ? await agentIn(core.db, run.context, name) : undefined
    isDone = await core.db.write(async function takeMatch(tx) {
      await confirmClaim(tx, claim)
      const row = await holdTask.first(tx, { id: taskOfMatch(runKey) ?? '' })
      if (run?.finished_at_ms && row && isFree(row)) {
        const answer = answerOf(run)
        const match: Matched | undefined =
          agent && agent.status === 'active' && answer && answer.confidence >= SURE_ENOUGH
            ? { agentId: agent.id, name: agent.name, by: 'model', confidence: answer.confidence, reason: answer.reason }
            : undefined
        await settle(core, tx, { run, row, match, conversation })
      }
      return core.queue.release(tx, claim, null)
    })
  }
}

function answerOf({ status, outputs_json }: RunRow) {
  const outputs: Json = status === 'succeeded' && outputs_json ? JSON.parse(outputs_json) : {}
  return isJsonObject(outputs) ? matchAnswer(outputs.value) : undefined
}

interface Settling {
  run: RunRow
  row: TaskRow
  match: Matched | undefined
  conversation: string | null
}

async function settle(core: Needs, tx: Tx, { run, row, match, conversation }: Settling): Promise<void> {
  const actor = { accountId: run.account_id, channel: run.channel as ChannelName }
  const cost = `cost ${showUsd(run.cost_micros)}`
  const show: Button = { label: 'Show', command: `/showtask ${row.id}` }
  if (match) {
    const why = await giveMatched(core, tx, actor, row, match, conversation).then(() => undefined, refusalOf)
    if (why === undefined) {
      const sure = `${Math.round(match.confidence * 100)} %`
      return say(
        core,
        tx,
        { run, row, conversation },
        `${match.name} does “${row.title}” (${sure} sure): ${match.reason}`,
        cost,
        show,
      )
    }
    return say(
      core,
      tx,
      { run, row, conversation },
      `“${row.title}” was not given to ${match.name}: ${why}`,
      cost,
      show,
    )
  }
  const words = `A model was asked who does “${row.title}”, and it is not sure. Choose yourself.`
  return say(core, tx, { run, row, conversation }, words, cost, show)
}

/** Who asked may not do it any more, say: that is told, and nothing is given. Whatever else it is stops this all. */
function refusalOf(error: unknown): string {
  if (error instanceof AppError) return error.message
  throw error
}

function say(
  core: Needs,
  tx: Tx,
  { run, row, conversation }: Omit<Settling, 'match'>,
  words: string,
  cost: string,
  button: Button,
): Promise<void> {
  const parts: Part[] = [text(words), text(cost, 'muted'), { type: 'buttons', buttons: [button] }]
  if (conversation !== null) {
    return putMessage(core, tx, { channel: run.channel as ChannelName, conversation, reply: { parts }, cause: run.id })
  }
  const context = contextOf(row.context)
  return notify(core, tx, {
    accountId: run.account_id,
    type: 'task',
    context,
    cause: row.id,
    text: words,
    reply: { parts },
  })
}
