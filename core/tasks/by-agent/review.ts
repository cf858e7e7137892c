import { listDecisions, listReviewsOfRun, type ReviewRow } from '#db/reviews.ts'
import type { TaskWorkRow } from '#db/task-work.ts'
import type { TaskRow } from '#db/tasks.ts'
import type { JobDefinition } from '../../jobs/definition.ts'
import type { JsonObject } from '../../json.ts'
import { showUsd } from '../../money.ts'
import type { TaskItem } from '../task.ts'
import { doersOf, itemsOf } from '../task.ts'
import { judgedEffects } from './allowed.ts'
import { asFarAsShown, shownEffects } from './effects.ts'
import { effectsOf, endedRun, resultOf, verdictsOf, withRetried } from './run.ts'
import { listWorkersOf } from './workers.ts'
import { type AgentTask, isAsRead, keep, moveIn, type Needs, type Next, runFor, tellGiver } from './world.ts'

/**
 * Lays the result before whoever may approve it: with what was found of each criterion, and with everything it would do to
 * the world, whole. Its hash is over all of that, so that nobody approves what they did not see. Who did any of the work is
 * not asked.
 */
export async function askForReview(core: Needs, task: AgentTask, work: TaskWorkRow): Promise<Next> {
  const { row } = task
  const retried = await withRetried(core, effectsOf({ work }))
  if (retried === 'going') return null
  const effects = asFarAsShown(await judgedEffects(core, task, retried))
  const next: TaskWorkRow = { ...work, phase: 'review', effects_json: JSON.stringify(effects) }
  const doers = doersOf(row).filter((one) => one.startsWith('acc_'))
  const others = await listWorkersOf(core.db, row.context, doers)
  if (others.length === 0) return leaveToOthers(core, task, next)
  const shown = shownOf({ row, work: next })
  const definition = reviewJob(row, shown, doers.length === 0 ? [] : others)
  const request = { name: `review:${work.round}`, target: { job: definition.jobId }, definition, inputs: shown }
  return runFor(core, task, request, async (tx, runId) => {
    await moveIn(core, tx, row, 'review', { by: work.agent_id })
    await keep(tx, { ...next, run_id: runId })
  })
}

const leaveToOthers = (core: Needs, task: AgentTask, work: TaskWorkRow): Promise<Next> =>
  core.db.write(async function leaveToOthers(tx): Promise<Next> {
    if (!(await isAsRead(tx, task))) return 'again'
    const saved = await moveIn(core, tx, task.row, 'review', { by: work.agent_id })
    const error = 'Whoever is here did some of the work, so somebody else has to look at it.'
    await keep(tx, { ...work, run_id: null, error })
    await tellGiver(core, tx, task, 'agent_blocked', `${saved.title}: ${error}`)
    return null
  })

function shownOf(task: AgentTask): JsonObject {
  const { text = '', mock, tainted } = resultOf(task)
  const verdicts = verdictsOf(task)
  const effects = shownEffects(effectsOf(task))
  return {
    result: text,
    ...(mock === true ? { mock: 'Made up by the mock: no model is connected.' } : {}),
    ...(tainted === true ? { origin: 'Something from outside was read for it.' } : {}),
    ...(verdicts.length === 0
      ? {}
      : { criteria: verdicts.map(({ text, verdict, evidence }) => `${WORDS[verdict]} ${text}: ${evidence}`) }),
    ...(effects.length === 0 ? {} : { sideEffects: effects }),
    cost: showUsd(task.work.cost_micros),
  }
}

const WORDS = { passed: '☑', failed: '☒', unknown: '☐' } as const

/** A run of nothing but the question: it is asked, shown and answered as every other review. */
const reviewJob = ({ title }: TaskRow, shown: JsonObject, accounts: string[]): JobDefinition => ({
  jobId: 'task-review',
  displayName: title,
  description: 'The result of a task',
  inputSchema: { type: 'object', properties: Object.fromEntries(Object.keys(shown).map((name) => [name, {}])) },
  steps: [
    {
      stepId: 'review',
      review: {
        kind: 'decide',
        prompt: 'Does this count as done?',
        takesChanges: true,
        ...(accounts.length === 0 ? {} : { approvers: { accounts } }),
      },
      inputMappings: Object.fromEntries(Object.keys(shown).map((name) => [name, { input: name }])),
    },
  ],
  outputs: {},
})

/** What people said about the result. */
export async function followReview(core: Needs, task: AgentTask): Promise<Next> {
  const run = await endedRun(core, task)
  if (!run) return null
  const { row, work } = task
  const review = (await listReviewsOfRun.all(core.db, { runId: run.row.id })).at(-1)
  const by = review?.closed_by
  if (!review || !by) return forgetReview(core, task)
  const comment = await commentOf(core, review)
  return core.db.write(async function takeDecision(tx): Promise<Next> {
    if (!(await isAsRead(tx, task))) return 'again'
    const unseen = unseenItems(task)
    if (review.status === 'approved' && unseen.length > 0) {
      const words = `This was added after the result was shown: ${unseen.map(({ text }) => `“${text}”`).join(', ')}`
      await moveIn(core, tx, row, 'changes_requested', { by, reason: words })
      await keep(tx, { ...work, phase: 'work', run_id: null, comment: words })
      await tellGiver(core, tx, task, 'task', `${row.title} is made again. ${words}.`)
      return 'again'
    }
    if (review.status === 'approved') {
      const checked = {
        ...row,
        criteria_json: check(row.criteria_json, by, core),
        definition_json: check(row.definition_json, by, core),
      }
      await moveIn(core, tx, checked, 'approved', { by, reason: comment })
      await keep(tx, { ...work, phase: 'merge', run_id: null, error: null })
      return 'again'
    }
    if (review.status === 'changes_requested') {
      await moveIn(core, tx, row, 'changes_requested', { by, reason: comment })
      await keep(tx, { ...work, phase: 'work', run_id: null, comment })
      return 'again'
    }
    await moveIn(core, tx, row, 'failed', { by, reason: comment ?? 'rejected' })
    await keep(tx, { ...work, run_id: null, error: comment ?? 'It was rejected.' })
    return null
  })
}

/** What is to be met and was not shown to whoever approved: nobody has answered for it. */
function unseenItems(task: AgentTask): TaskItem[] {
  const shown = verdictsOf(task)
  return itemsOf(task.row).filter(
    ({ id, text, checked }) => !checked && !shown.some((one) => one.itemId === id && one.text === text),
  )
}

/** Nobody decided: it stays in review, and is moved on by hand. */
const forgetReview = (core: Needs, task: AgentTask): Promise<Next> =>
  core.db.write(async function forgetReview(tx): Promise<Next> {
    if (!(await isAsRead(tx, task))) return 'again'
    await keep(tx, { ...task.work, run_id: null, error: 'Its review ended without a decision.' })
    return null
  })

async function commentOf(core: Pick<Needs, 'db'>, { id }: ReviewRow): Promise<string | null> {
  const decisions = await listDecisions.all(core.db, { reviewId: id })
  return decisions.findLast(({ comment }) => comment !== null)?.comment ?? null
}

/** Who approves has seen what was found of each item, and answers for all of them. */
function check(json: string, by: string, { clock }: Pick<Needs, 'clock'>): string {
  const at = new Date(clock.nowMs()).toISOString()
  return JSON.stringify(
    (JSON.parse(json) as TaskItem[]).map((item) => (item.checked ? item : { ...item, checked: true, by, at })),
  )
}
