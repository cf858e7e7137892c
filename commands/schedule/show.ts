import { type Button, type Confirm, type Part, text } from '#core/chat/message.ts'
import type { PlanView } from '#core/plans/view.ts'
import type { ScheduleView } from '#core/schedules/view.ts'
import { renderLine } from '../grammar/render.ts'
import { buttons, dateTime, dollars, muted, shorten } from '../replies.ts'

/** Nobody counts further ahead. */
export const TIMES_SHOWN = 3

/** One schedule in a few lines: what, when, next, and what can be done about it. */
export function scheduleParts(view: ScheduleView, timeZone: string, ...more: Part[]): Part[] {
  const next = view.nextFires.slice(0, TIMES_SHOWN).map((at) => dateTime(at, timeZone))
  return [
    text(`${view.plan ? shorten(view.plan.goal, 80) : view.jobId} · ${view.description}`, 'strong'),
    ...(next.length > 0 ? [text(`Next: ${next.join(' · ')}`)] : []),
    ...factsOf(view, timeZone).map(muted),
    ...more,
    buttons(...buttonsFor(view)),
  ]
}

function factsOf(view: ScheduleView, timeZone: string): string[] {
  const facts = [
    view.status === 'paused' && view.pausedUntil === null ? 'paused' : undefined,
    view.pausedUntil === null ? undefined : `paused until ${dateTime(view.pausedUntil, timeZone)}`,
    view.maxRuns === null ? undefined : `${view.runs} of ${view.maxRuns} times`,
    view.budgetUsd === null ? undefined : `${dollars(view.usedUsd ?? '0')} of ${dollars(view.budgetUsd)} used`,
    view.expiresAt === null ? undefined : `until ${dateTime(view.expiresAt, timeZone)}`,
    ...(view.plan ? planFacts(view.plan) : []),
  ].filter((fact) => fact !== undefined)
  return facts.length > 0 ? [facts.join(' · ')] : []
}

function planFacts({ sources, asked }: PlanView): string[] {
  const names = sources.map(({ name, state }) => (state === 'ok' ? name : `${name} (${SOURCE_WORDS[state]})`))
  const waiting = asked.map(({ description }) => `asks whether to ${description}`)
  return [`may call ${names.join(', ')}`, ...waiting]
}

const SOURCE_WORDS = { warned: 'fails often', disabled: 'off' } as const

function buttonsFor({ id, jobId, description, status, plan }: ScheduleView): Button[] {
  const on = (command: string): string => renderLine(command, { words: [id] })
  return [
    status === 'paused' ? { label: 'Resume', command: on('resume') } : { label: 'Pause', command: on('pause') },
    ...(plan ? [{ label: 'Explain', command: on('explainschedule') }] : []),
    ...sourcesToTurnOn(id, plan),
    { label: 'Run now', command: on('runnow'), confirm: runNow(jobId) },
    { label: 'Remove', command: on('unschedule'), style: 'danger', confirm: remove(jobId, description) },
  ]
}

const sourcesToTurnOn = (id: string, plan: PlanView | null): Button[] =>
  (plan?.sources ?? [])
    .filter(({ state }) => state === 'disabled')
    .map(({ name }) => ({ label: `Turn ${name} on`, command: renderLine('plansource', { words: [id, name, 'on'] }) }))

const runNow = (jobId: string): Confirm => ({
  title: `Run ${jobId} now?`,
  text: 'It runs once more, beside its times, and costs what each of its runs costs.',
  yes: 'Yes, run it',
  no: 'No',
})

const remove = (jobId: string, description: string): Confirm => ({
  title: 'Remove this schedule?',
  text: `${jobId} · ${description}. It runs no more; what it ran stays.`,
  yes: 'Yes, remove it',
  no: 'No',
})
