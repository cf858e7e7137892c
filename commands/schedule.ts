import { ok } from 'node:assert'
import { type Reply, reply, text } from '#core/chat/message.ts'
import { contextKey } from '#core/context.ts'
import { termsOfJob } from '#core/forms/chosen.ts'
import { openForm } from '#core/forms/open.ts'
import type { JsonObject } from '#core/json.ts'
import { confirmAboveMicros } from '#core/runs/confirm.ts'
import { askToSchedule } from '#core/schedules/confirm.ts'
import { type CheckedSchedule, checkSchedule, createSchedule, type NewSchedule } from '#core/schedules/create.ts'
import { getSchedule } from '#core/schedules/read.ts'
import { describeRhythm, nextAfter, upcoming } from '#core/schedules/rhythm.ts'
import { defineCommand, type UserCall } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { readInputs } from './job/inputs.ts'
import { type JobTarget, jobNamed } from './job/target.ts'
import { buttons, dateTime, payLine } from './replies.ts'
import { askWhatAndWhen } from './schedule/ask.ts'
import { readScheduleLine, type ScheduleLine } from './schedule/line.ts'
import { scheduleParts, TIMES_SHOWN } from './schedule/show.ts'

export const schedule = defineCommand({
  name: 'schedule',
  summary: 'Run a job at a time, or again and again',
  group: 'schedules',
  args: [
    {
      name: 'job',
      kind: 'word',
      optional: true,
      summary: 'Its name, or that of a tool; behind it when, then its inputs',
    },
  ],
  takesInputs: true,
  examples: [
    '/schedule release-notes every weekday at 9 --title "Daily" a1b2c3d feat: first',
    '/schedule release-notes tomorrow 9am a1b2c3d feat: first',
    '/schedule docs.lint every 2h --times 5 --budget 1 # My page',
    '/schedule plan "Watch the weather" every=1h',
    '/schedule docs.lint cron "0 9 1 * *" --zone Europe/Berlin --missed all # My page',
  ],
  run: async (call) => {
    const { core, actor, account, incoming } = call
    if (call.args.job === undefined) return askWhatAndWhen(call)
    if (call.args.job.toLowerCase() === 'plan') return obeyPlan(call)
    const job = await jobNamed(core, actor, call.args.job)
    // From when it was said: handled again later, `in 10m` still means the same moment.
    const here = { nowMs: incoming.atMs, timeZone: account.timeZone }
    const line = readScheduleLine(call.inputs ?? call.line, here)
    const { inputs, missing } = call.filled
      ? { inputs: call.filled, missing: [] }
      : await readInputs(call, line.inputs, job)
    if (missing.length > 0) return askForInputs(call, job, inputs)
    const jobId = 'job' in job.target ? job.target.job : job.target.tool
    const request = { ...line.terms, jobId, inputs, conversation: incoming.conversation }
    return scheduleOrAsk(call, line, request)
  },
})

/** What is planned anew each time takes a goal where others take a time. */
function obeyPlan({ obey, actor, account, resolved, inputs, line }: UserCall): Promise<Reply> {
  const { text, tokens, end } = inputs ?? line
  const rest = text.slice(tokens[0]?.start ?? end)
  return obey(`/plan ${rest}`.trim(), undefined, { actor, account, resolved })
}

/** The same line again once what the job needs is filled in. */
async function askForInputs(
  { core, actor, incoming, line }: UserCall,
  job: JobTarget,
  given: JsonObject,
): Promise<Reply> {
  const terms = {
    ...termsOfJob(job.definition),
    note: 'What each run of the schedule gets.',
    submitLabel: 'Go on',
    hasOverview: false,
  }
  const purpose = { kind: 'line', line: line.text, context: contextKey(actor.context) } as const
  return {
    parts: [],
    formId: await openForm(core, actor, { conversation: incoming.conversation, purpose, terms, given }),
  }
}

/** What was guessed, or costs more than is let pass unasked, is read back before it exists. */
async function scheduleOrAsk(call: UserCall, { when }: ScheduleLine, request: NewSchedule): Promise<Reply> {
  const { core, actor, account, resolved } = call
  const checked = await checkSchedule(core, actor, request)
  // Planned ones have a line of their own.
  ok(checked.prepared)
  const { quote, definition } = checked.prepared
  const cost = text(`${await payLine(core, resolved, quote)} · each run`, 'muted')
  const isCheap = quote.maxMicros <= (await confirmAboveMicros(core, actor.context))
  if (!when.isGuess && isCheap) {
    const { id } = await createSchedule(core, actor, request)
    return reply(...scheduleParts(await getSchedule(core, actor, id), account.timeZone, cost))
  }
  const times = firstTimes(checked, core.clock.nowMs()).map((ms) => dateTime(ms, account.timeZone))
  const { code } = await askToSchedule(core, actor, request)
  return reply(
    text(`${definition.displayName} · ${describeRhythm(checked.terms.rhythm)}`, 'strong'),
    `That is ${times.join(' · ')}. Shall I?`,
    cost,
    buttons(
      { label: 'Schedule it', command: renderLine('confirm', { words: [code] }), style: 'primary' },
      { label: 'Cancel', command: renderLine('confirm', { words: [code, 'no'] }) },
    ),
  )
}

function firstTimes({ terms }: CheckedSchedule, nowMs: number): number[] {
  const firstMs = nextAfter(terms.rhythm, nowMs)
  const bounds = { expiresAtMs: terms.expiresAtMs, maxRuns: terms.maxRuns, runs: 0 }
  return firstMs === null ? [] : upcoming(terms.rhythm, bounds, firstMs, TIMES_SHOWN)
}
