import type { Tables } from '../database.ts'
import type { Kill } from '../facts.ts'
import { defineCheck, runsOf } from './lookup.ts'

type Event = Tables['event'][number]

/** Nothing is lost and nothing is done twice: one command, one run, and it has succeeded. */
export const everyCommandOneRun = defineCheck('everyCommandOneRun', (facts, found) => {
  const runs = runsOf(facts)
  const known = new Set<string>()
  for (const command of facts.commands) {
    const made = runs(command)
    const name = `/${command.job.command} ${command.word} (update ${command.updateId})`
    if (made.length !== 1) found(`${name} has ${made.length} runs`)
    for (const { id, status, finished_at_ms, conversation, error_json, outputs_json } of made) {
      known.add(id)
      if (status !== 'succeeded') found(`${id} of ${name} is ${status}: ${error_json}`)
      if (finished_at_ms === null) found(`${id} of ${name} has no end`)
      if (conversation !== command.conversation) found(`${id} of ${name} belongs to ${conversation}`)
      if (!outputs_json?.includes(command.word)) found(`${id} of ${name} has the outputs ${outputs_json}`)
    }
  }
  for (const { id } of facts.tables.run) if (!known.has(id)) found(`Nobody asked for ${id}`)
})

/** A finished step is never executed again; one is begun again only where a kill came between. */
export const stepsExecutedOnce = defineCheck('stepsExecutedOnce', (facts, found) => {
  const steps = Map.groupBy(facts.tables.run_step, ({ run_id }) => run_id)
  const events = eventsByRun(facts.tables)
  const runs = runsOf(facts)
  for (const command of facts.commands) {
    for (const { id } of runs(command)) {
      const own = steps.get(id) ?? []
      if (own.length !== command.job.steps) found(`${id} has ${own.length} steps, not ${command.job.steps}`)
      for (const step of own) {
        const isSkipped = command.job.skipped?.includes(step.step_id) ?? false
        const told = (events.get(id) ?? []).filter((event) => stepIdOf(event) === step.step_id)
        const name = `Step ${step.step_id} of ${id}`
        if (isSkipped) {
          if (step.status !== 'skipped' || told.length !== 1)
            found(`${name} is ${step.status}, told ${told.length} times`)
          continue
        }
        if (step.status !== 'succeeded') found(`${name} is ${step.status}: ${step.error_json}`)
        if (step.attempt !== 1 + cutByFreezes(told, facts.kills))
          found(`${name} succeeded at the try ${step.attempt}${failuresIn(told)}`)
        for (const what of oddities(told, step.starts, facts.kills)) found(`${name} ${what}`)
      }
    }
  }
})

/** How soon a process that stood still has extended its leases or lost them: it does so a few times within one. */
const WOKEN_MS = 500

/** A connection that nobody used for so long is closed by the provider (Node's `keepAliveTimeout`). */
const KEPT_ALIVE_MS = 5_000

/** The tries whose call broke off because their process stood still, in the middle of it or while the connection was kept. */
const cutByFreezes = (told: readonly Event[], kills: readonly Kill[]): number =>
  told.filter(({ type, details_json, at_ms }, index) => {
    if (type !== 'step.retrying' || (JSON.parse(details_json) as { code?: string }).code !== 'network') return false
    const startedAtMs = told.slice(0, index).findLast((event) => event.type === 'step.started')?.at_ms ?? at_ms
    return kills.some(
      ({ atMs, frozenUntilMs }) =>
        frozenUntilMs !== undefined && atMs <= at_ms && frozenUntilMs + KEPT_ALIVE_MS >= startedAtMs,
    )
  }).length

/** What the tries before said. */
const failuresIn = (told: readonly Event[]): string =>
  told
    .filter(({ type }) => type === 'step.retrying')
    .map(({ details_json }) => `, after ${details_json}`)
    .join('')

/** How long before a moment the last kill or freeze was over: what is left to be explained is often close behind one. */
function nearest(kills: readonly Kill[], atMs: number): string {
  const afterMs = kills.map(({ atMs: atKill, frozenUntilMs = atKill }) => atMs - frozenUntilMs).filter((ms) => ms >= 0)
  return afterMs.length > 0 ? `, first ${Math.min(...afterMs)} ms after one` : ''
}

function oddities(told: readonly Event[], starts: number, kills: readonly Kill[]): string[] {
  const what: string[] = []
  const started = told.filter(({ type }) => type === 'step.started')
  const succeeded = told.filter(({ type }) => type === 'step.succeeded')
  if (succeeded.length !== 1) what.push(`succeeded ${succeeded.length} times`)
  if (started.length !== starts) what.push(`was begun ${started.length} times and says ${starts}`)
  if (told.at(-1)?.type !== 'step.succeeded') what.push(`went on to ${told.at(-1)?.type} after its end`)
  for (const [index, again] of started.slice(1).entries()) {
    const before = started[index]?.at_ms ?? 0
    // One that stands still holds rows that others wait for, so that even those may lose what they work on. And for a moment
    // after it goes on again its leases are over and still its own: what it begins then, another may take from it.
    const isExplained = kills.some(
      ({ atMs, frozenUntilMs }) =>
        atMs <= again.at_ms && (frozenUntilMs === undefined ? atMs : frozenUntilMs + WOKEN_MS) >= before,
    )
    if (!isExplained) what.push(`was begun again without a kill${nearest(kills, before)}`)
  }
  return what
}

const ONCE = ['run.created', 'run.started', 'run.succeeded', 'run.settled']

/** The record of each run: created, started, succeeded and settled, once each, in this order, and nothing after. */
export const eventsInOrder = defineCheck('eventsInOrder', (facts, found) => {
  const events = eventsByRun(facts.tables)
  for (const { id, context, account_id } of facts.tables.run) {
    const told = events.get(id) ?? []
    const types = told.map(({ type }) => type)
    const whole = types.filter((type) => ONCE.includes(type))
    if (whole.join() !== ONCE.join()) found(`${id} is told of as ${whole.join(', ')}`)
    if (types[0] !== ONCE[0] || types.at(-1) !== ONCE.at(-1))
      found(`${id} begins with ${types[0]}, ends with ${types.at(-1)}`)
    if (told.some((event) => event.context !== context)) found(`${id} has events of another context`)
    if (told[0]?.actor !== account_id) found(`${id} was created by ${told[0]?.actor}`)
    for (const [index, { type, at_ms }] of told.entries()) {
      const before = told[index - 1]
      if (before && at_ms < before.at_ms) {
        found(`${id} goes back in time: ${type} ${before.at_ms - at_ms} ms before ${before.type}`)
      }
    }
  }
})

function eventsByRun({ event, run }: Tables): Map<string, Event[]> {
  const ids = new Set(run.map(({ id }) => id))
  const ofRuns = event.filter(({ subject }) => ids.has(subject)).toSorted((one, other) => one.seq - other.seq)
  return Map.groupBy(ofRuns, ({ subject }) => subject)
}

const stepIdOf = ({ details_json }: Event): unknown => (JSON.parse(details_json) as { stepId?: unknown }).stepId
