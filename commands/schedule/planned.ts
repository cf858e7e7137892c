import { type Part, type Reply, reply } from '#core/chat/message.ts'
import { parseDurationMs } from '#core/duration.ts'
import { readEndpoints } from '#core/endpoints/read.ts'
import { AppError } from '#core/errors.ts'
import { decideAction, switchPlanSource } from '#core/plans/decide.ts'
import type { CycleExplained } from '#core/plans/explain.ts'
import { PLANNED } from '#core/plans/request.ts'
import { hintSchedule, readHintWords } from '#core/plans/say.ts'
import { createSchedule } from '#core/schedules/create.ts'
import { explainSchedule } from '#core/schedules/explain.ts'
import { findSchedules, getSchedule } from '#core/schedules/read.ts'
import { defineCommand, type UserCall } from '../command.ts'
import { renderLine } from '../grammar/render.ts'
import { buttons, dateTime, heading, muted, privateReply, shorten } from '../replies.ts'
import { meantBy, scheduleArgument } from './meant.ts'
import { scheduleParts } from './show.ts'

const USUAL_EVERY = '1h'

export const plan = defineCommand({
  name: 'plan',
  summary: 'Follow a goal: planned anew each time, with your endpoints and jobs',
  group: 'schedules',
  args: [{ name: 'goal', kind: 'word', summary: 'What it is after, in quotes' }],
  flags: [
    { name: 'endpoints', kind: 'word', summary: 'What it may call: a,b; all of them when left out' },
    { name: 'jobs', kind: 'word', summary: 'Published jobs it may run: a,b' },
    { name: 'every', kind: 'word', summary: `How often, when nobody says otherwise; ${USUAL_EVERY} when left out` },
    { name: 'min', kind: 'word', summary: 'Never sooner than after this' },
    { name: 'max', kind: 'word', summary: 'Never later than after this' },
    { name: 'tokens', kind: 'integer', summary: 'Model tokens of a day; without them it goes on without a model' },
    { name: 'budget', kind: 'word', summary: 'What all its runs may cost together' },
    { name: 'until', kind: 'word', summary: 'When it ends' },
    { name: 'strict', kind: 'boolean', summary: 'Do nothing of a plan that is wrong in places' },
  ],
  examples: [
    '/plan "Tell me when my train is late" endpoints=trains every=15m',
    '/plan "Watch the weather" every=1h max=6h tokens=50000',
  ],
  run: async ({ core, actor, account, args, flags, incoming }) => {
    const named = listed(flags.endpoints)
    const jobs = listed(flags.jobs)
    const endpoints = named ?? (jobs ? [] : (await readEndpoints(core, actor)).map(({ name }) => name))
    const length = (name: 'every' | 'min' | 'max', words: string | undefined) =>
      words === undefined ? {} : { [`${name}Ms`]: lengthOf(name, words) }
    const { id } = await createSchedule(core, actor, {
      jobId: PLANNED,
      inputs: {},
      kind: 'planned',
      goal: args.goal,
      endpoints,
      ...(jobs ? { jobs } : {}),
      ...length('every', flags.every ?? USUAL_EVERY),
      ...length('min', flags.min),
      ...length('max', flags.max),
      ...(flags.tokens === undefined ? {} : { tokensPerDay: flags.tokens }),
      ...(flags.budget === undefined ? {} : { budgetUsd: flags.budget.replace(/^\$/, '') }),
      ...(flags.until === undefined ? {} : { expiresAt: flags.until }),
      ...(flags.strict === undefined ? {} : { lenient: !flags.strict }),
      conversation: incoming.conversation,
    })
    return reply(...scheduleParts(await getSchedule(core, actor, id), account.timeZone))
  },
})

const listed = (words: string | undefined): string[] | undefined =>
  words
    ?.split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

function lengthOf(name: string, words: string): number {
  const ms = parseDurationMs(words)
  if (ms !== undefined) return ms
  const message = `${name} is a length of time, like 15m or 6h.`
  throw new AppError('bad_input', message, { problems: [{ path: name, message }] })
}

const CYCLES_SHOWN = 3

export const explainschedule = defineCommand({
  name: 'explainschedule',
  summary: 'Why a schedule comes when it comes, and what it has done',
  group: 'schedules',
  args: [scheduleArgument],
  run: async (call) => {
    const { core, actor, account, args } = call
    const { schedule, why, cycles } = await explainSchedule(core, actor, await meantBy(call, args.schedule))
    return privateReply(
      heading(shorten(schedule.plan?.goal ?? `${schedule.jobId} · ${schedule.description}`, 100)),
      ...why,
      ...cycles.slice(0, CYCLES_SHOWN).flatMap((cycle) => cycleParts(cycle, account.timeZone)),
    )
  },
})

function cycleParts({ dueAt, status, story }: CycleExplained, timeZone: string): (Part | string)[] {
  return [muted(`${dateTime(dueAt, timeZone)} · ${status}`), story]
}

export const hint = defineCommand({
  name: 'hint',
  summary: 'Tell a planned schedule something that holds for a while',
  group: 'schedules',
  args: [
    { name: 'schedule', kind: 'word', optional: true, pattern: /^sch_/, summary: 'Nothing for the only planned one' },
    { name: 'words', kind: 'text', summary: 'When to come, or something to know' },
  ],
  examples: ['/hint every 5 min until 18:00', '/hint The picnic is on Sunday'],
  run: async (call) => {
    const { core, actor, account, args, incoming } = call
    const meant = await plannedMeant(call, args.schedule, (id) => renderLine('hint', { words: [id], text: args.words }))
    if (typeof meant !== 'string') return meant
    // From when it was said: handled again later, `in 10m` still means the same moment.
    const said = readHintWords(args.words, { nowMs: incoming.atMs, timeZone: account.timeZone })
    await hintSchedule(core, actor, { id: meant, ...said })
    const what = said.note === undefined ? 'Understood.' : 'It will know that when it plans.'
    return reply(what, ...scheduleParts(await getSchedule(core, actor, meant), account.timeZone))
  },
})

const CHOICES_MOST = 10

/** The planned schedule that is meant; where there are several, a question. */
async function plannedMeant(
  call: UserCall,
  id: string | undefined,
  line: (id: string) => string,
): Promise<string | Reply> {
  const { core, actor } = call
  if (id !== undefined) return id
  const { items } = await findSchedules(core, actor, { isLive: true, limit: 200 })
  const planned = items.filter(({ plan }) => plan !== null)
  const [only, another] = planned
  if (!only) throw new AppError('not_found', 'There is no planned schedule here. /plan makes one.')
  if (!another) return only.id
  const choices = planned
    .slice(0, CHOICES_MOST)
    .map((view) => ({ label: shorten(view.plan?.goal ?? '', 40), command: line(view.id) }))
  return reply('Which one?', buttons(...choices))
}

export const planaction = defineCommand({
  name: 'planaction',
  summary: 'Answer what the model of a planned schedule recommends',
  group: 'schedules',
  isHidden: true,
  args: [
    { name: 'recommendation', kind: 'word', summary: 'Its id' },
    { name: 'answer', kind: 'word', choices: ['yes', 'no'] },
  ],
  run: async ({ core, actor, account, args }) => {
    const { scheduleId, words } = await decideAction(core, actor, { id: args.recommendation, decision: args.answer })
    return reply(words, ...scheduleParts(await getSchedule(core, actor, scheduleId), account.timeZone))
  },
})

export const plansource = defineCommand({
  name: 'plansource',
  summary: 'Turn an endpoint or job of a planned schedule on or off',
  group: 'schedules',
  isHidden: true,
  args: [
    { name: 'schedule', kind: 'word', summary: 'Its id' },
    { name: 'source', kind: 'word', summary: 'An endpoint, or job:<name>' },
    { name: 'to', kind: 'word', choices: ['on', 'off'] },
  ],
  run: async ({ core, actor, account, args }) => {
    const { schedule: id, source: name, to } = args
    await switchPlanSource(core, actor, { id, name, to })
    return reply(`${name} is ${to}.`, ...scheduleParts(await getSchedule(core, actor, id), account.timeZone))
  },
})
