import type { Reader } from '#db/db.ts'
import { listCycles, type PlanCycleRow } from '#db/plan-cycles.ts'
import { listPlanActions, type PlanActionRow } from '#db/plans.ts'
import type { ScheduleRow } from '#db/schedules.ts'
import { formatUsd, showUsd } from '../money.ts'
import { actionWords } from './actions.ts'
import type { Advice, Recommended } from './advice.ts'
import type { Governed } from './governor.ts'
import { type Memo, memoOf, notesOf } from './memo.ts'
import { type Outcome, outcomeOf } from './outcome.ts'

/** One time a planned schedule came round, told in sentences. */
export interface CycleExplained {
  id: string
  dueAt: string
  status: PlanCycleRow['status']
  byHand: boolean
  /** What was known when it was planned. */
  known: string[]
  /** Null where nothing was planned. */
  plan: {
    by: Memo['source']
    strategy: string
    reasoning: string
    confidence: number
    calls: { endpoint: string; status: string; error: string | null }[]
  } | null
  /** What was repaired, dropped, or done instead. */
  changed: string[]
  /** What ran, and how it went. */
  went: string[]
  /** What was recommended, and what became of it. */
  recommended: string[]
  /** When it comes next, who decided that, and why. */
  next: { at: string; by: Governed['by']; because: string[] } | null
  error: { code: string; message: string } | null
  tokens: number
  costUsd: string
  /** Something in it was made up by the mock. */
  mock: boolean
  /** All of it as one story. */
  story: string
}

const CYCLES = 10
const ACTIONS = 100

export async function explainCycles(on: Reader, { id, context, kind }: ScheduleRow): Promise<CycleExplained[]> {
  if (kind !== 'planned') return []
  const cycles = await listCycles.all(on, { scheduleId: id, context, limit: CYCLES })
  const actions = await listPlanActions.all(on, { scheduleId: id, context, limit: ACTIONS })
  return cycles.map((cycle) =>
    explainCycle(
      cycle,
      actions.filter(({ cycle_id }) => cycle_id === cycle.id),
    ),
  )
}

function explainCycle(cycle: PlanCycleRow, actions: readonly PlanActionRow[]): CycleExplained {
  const memo = memoOf(cycle)
  const outcome = outcomeOf(cycle)
  const advice = cycle.advice_json === null ? null : (JSON.parse(cycle.advice_json) as Advice)
  const next = cycle.next_json === null ? null : (JSON.parse(cycle.next_json) as Governed)
  const error = cycle.error_json === null ? null : (JSON.parse(cycle.error_json) as { code: string; message: string })
  const told = {
    known: JSON.parse(cycle.known_json) as string[],
    changed: notesOf(cycle),
    went: wentWords(memo, outcome),
    recommended: actions.toSorted((a, b) => a.place - b.place).map(recommendedWords),
  }
  const costUsd = formatUsd(cycle.cost_micros)
  return {
    id: cycle.id,
    dueAt: iso(cycle.due_at_ms),
    status: cycle.status,
    byHand: cycle.by_hand === 1,
    ...told,
    plan: memo.plan && planOf(memo, memo.plan, outcome),
    next: next && { at: iso(next.atMs), by: next.by, because: next.because },
    error,
    tokens: cycle.tokens,
    costUsd,
    mock: cycle.is_mock === 1,
    story: storyOf(cycle, memo, told, { advice, next, error }),
  }
}

function planOf(memo: Memo, plan: NonNullable<Memo['plan']>, outcome: Outcome | null): CycleExplained['plan'] {
  return {
    by: memo.source,
    strategy: plan.strategy,
    reasoning: plan.reasoning,
    confidence: plan.confidence,
    calls: plan.calls.map(({ id, endpoint }) => {
      const went = outcome?.calls.find((call) => call.id === id)
      return { endpoint, status: went?.status ?? 'not_called', error: went?.error ?? null }
    }),
  }
}

const BY: Record<Memo['source'], string> = {
  model: 'The model planned',
  repaired: 'The model planned, at the second try,',
  salvaged: 'Of what the model planned this was kept:',
  without_model: 'Without a model it was to do',
  none: '',
}

function planWords({ source, plan, made }: Memo): string[] {
  if (!plan) return ['Nothing was planned.']
  const names = (made ?? plan).calls.map(({ endpoint }) => endpoint).join(', ') || 'nothing'
  const percent = source === 'without_model' ? '' : ` (${Math.round(plan.confidence * 100)} % sure)`
  const words = [`${BY[source]} ${names}, ${plan.strategy}${percent}.`]
  if (plan.reasoning !== '') words.push(`Its reasons: ${sentence(plan.reasoning)}`)
  return words
}

function wentWords({ made }: Memo, outcome: Outcome | null): string[] {
  if (!outcome) return made && made.calls.length > 0 ? ['It has not ended yet.'] : ['Nothing was called.']
  const words = outcome.calls.map(({ endpoint, status, error }) => {
    if (status === 'succeeded') return `${endpoint} answered.`
    return status === 'failed'
      ? `${endpoint} failed: ${sentence(error ?? 'nobody knows why')}`
      : `${endpoint} was not called.`
  })
  if (outcome.changed !== null)
    words.push(`${Math.round(outcome.changed * 100)} % of the answers were others than the time before.`)
  return words
}

const BECAME: Record<PlanActionRow['status'], string> = {
  applied: 'Done',
  asked: 'It waits for an answer',
  declined: 'Declined',
  dropped: 'Not done',
}

function recommendedWords({ details_json, status, reason }: PlanActionRow): string {
  const one = JSON.parse(details_json) as Recommended
  const why = one.reason === '' ? '' : `, because: ${one.reason.replace(/[.\s]+$/, '')}`
  const became = reason === null ? `${BECAME[status]}.` : `${BECAME[status]}: ${sentence(reason)}`
  return `The model recommended to ${actionWords(one)}${why}. ${became}`
}

function storyOf(
  cycle: PlanCycleRow,
  memo: Memo,
  { known, changed, went, recommended }: Pick<CycleExplained, 'known' | 'changed' | 'went' | 'recommended'>,
  { advice, next, error }: { advice: Advice | null; next: Governed | null; error: { message: string } | null },
): string {
  const lines = [
    ...(cycle.is_mock ? ['[mock] No model is connected; what it says here is made up.'] : []),
    ...known,
    ...(cycle.status === 'planning' || cycle.status === 'repairing'
      ? ['A model is being asked for a plan.']
      : planWords(memo)),
    ...changed,
    ...went,
    ...(advice && advice.reasoning !== '' ? [`About the next time the model said: ${sentence(advice.reasoning)}`] : []),
    ...recommended,
    ...(error ? [`It could not go on: ${sentence(error.message)}`] : []),
    ...(next ? [`It comes next at ${iso(next.atMs)}.`, ...next.because] : []),
    `It used ${cycle.tokens} tokens and cost ${showUsd(cycle.cost_micros)}.`,
  ]
  return lines.join(' ')
}

const sentence = (text: string): string => (/[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`)

const iso = (ms: number): string => new Date(ms).toISOString()
