import { reply } from '#core/chat/message.ts'
import { AppError } from '#core/errors.ts'
import { showUsd } from '#core/money.ts'
import { confirmRun, declineRun } from '#core/runs/confirm.ts'
import { quoteRun } from '#core/runs/quote.ts'
import { isScheduleCode } from '#core/schedules/confirm.ts'
import { defineCommand } from './command.ts'
import { waitingReply } from './dispatch/refusal.ts'
import { askWhichJob } from './job/choose.ts'
import { readInputs } from './job/inputs.ts'
import { startJob } from './job/start-job.ts'
import { jobNamed } from './job/target.ts'
import { heading, muted, payLine, privateReply, SILENCE } from './replies.ts'
import { answerSchedule } from './schedule/answer.ts'

const jobArgument = { name: 'job', kind: 'word', summary: 'Its name, or that of a tool' } as const

export const run = defineCommand({
  name: 'run',
  summary: 'Run a job, or one tool by itself',
  group: 'jobs',
  args: [{ ...jobArgument, optional: true }],
  takesInputs: true,
  examples: ['/run release-notes --title "Spring" a1b2c3d feat: first', '/run docs.lint # My page'],
  run: async (call) => {
    if (call.args.job === undefined) return askWhichJob(call)
    const job = await jobNamed(call.core, call.actor, call.args.job)
    return startJob(call, call.inputs ?? call.line, job)
  },
})

export const quote = defineCommand({
  name: 'quote',
  summary: 'What a job would cost, without running it',
  group: 'jobs',
  args: [jobArgument],
  takesInputs: true,
  examples: ['/quote release-notes'],
  run: async (call) => {
    const { core, actor, resolved } = call
    const job = await jobNamed(core, actor, call.args.job)
    const { inputs, missing } = await readInputs(call, call.inputs ?? call.line, job)
    const { estimateMicros, maxMicros, perStep } = await quoteRun(core, actor, job.definition, inputs)
    return privateReply(
      heading(job.definition.displayName),
      await payLine(core, resolved, { estimateMicros, maxMicros }),
      {
        type: 'list',
        items: perStep.map((step) => {
          const by = 'toolId' in step ? step.toolId : step.jobId
          return `${step.stepId} (${by}): ≈ ${showUsd(step.estimateMicros)}, at most ${showUsd(step.maxMicros)}`
        }),
      },
      ...(missing.length > 0 ? [muted('With the inputs it gets, this may change.')] : []),
    )
  },
})

export const confirm = defineCommand({
  name: 'confirm',
  summary: 'Start what I asked you about, or not',
  isHidden: true,
  group: 'jobs',
  args: [
    { name: 'code', kind: 'word', summary: 'The button on the question has it' },
    { name: 'answer', kind: 'word', choices: ['yes', 'no'], optional: true },
  ],
  run: async (call) => {
    const { core, actor, args, incoming } = call
    if (isScheduleCode(args.code)) return answerSchedule(call, args.code, args.answer ?? 'yes')
    if (args.answer === 'no') {
      await declineRun(core, actor, args.code)
      return reply('Called off. Nothing was spent.')
    }
    if (args.code.length > 100) throw new AppError('not_found', 'There is nothing to confirm under this code.')
    const started = await confirmRun(core, actor, { code: args.code, conversation: incoming.conversation })
    return started.waitingFor ? waitingReply(started.waitingFor, call) : SILENCE
  },
})
