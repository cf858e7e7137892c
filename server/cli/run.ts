import type { Command } from 'commander'
import { createWebChannel } from '#bots/web/chat.ts'
import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import { findJob } from '#core/jobs/find.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { getRun } from '#core/runs/read.ts'
import type { RunRequest } from '#core/runs/request.ts'
import { singleToolJob } from '#core/runs/single-tool.ts'
import { hasRunEnded } from '#core/runs/states.ts'
import { submitRun } from '#core/runs/submit.ts'
import type { RunView } from '#core/runs/view.ts'
import { action, collect, type Outcome } from './action.ts'
import { readInputs } from './inputs.ts'
import { withCore } from './open.ts'
import { operatorActor, operatorOrFirst } from './operator.ts'
import { CliError, type Output } from './output.ts'
import { createProgress } from './run-progress.ts'
import { untilDefined } from './waiting.ts'
import { startWorker } from './worker.ts'

interface Options {
  as?: string
  account?: string
  input?: string[]
  file?: string[]
  stdin?: string | true
}

export function addRunCommand(program: Command, outcome: Outcome): void {
  program
    .command('run')
    .description('run a job or a tool, wait until it has ended, and print what it brought')
    .argument('<job>', 'release-notes, or a tool such as docs.lint')
    .argument('[inputs...]', 'name=value; other words are the main input; - reads it from standard input')
    .option('--as <context>', 'who pays: personal or team:<name>; personal when left out')
    .option('--account <handle>', 'who runs it; the only admin when left out')
    .option('--input <name=value>', 'one input; may be repeated', collect)
    .option('--file <name=path>', 'one input from a text file; a path alone is for the main input', collect)
    .option('--stdin [name]', 'one input from standard input; the main one when no name is given')
    .action(action(outcome, run))
}

function run(output: Output, name: string, words: string[], options: Options): Promise<number> {
  return withCore(async ({ core }) => {
    await seedShipped(core)
    const account = await operatorOrFirst(core, options.account, output)
    const actor = await operatorActor(core, account, { channel: 'api', as: options.as })
    const request = await requestFor(core, actor, name, words, options)
    // What somebody is told of it stands in the web chat, which needs nothing but the database.
    const stopWorker = await startWorker(core, { senders: new Map([['web', createWebChannel(core)]]) })
    try {
      const { runId, waitingFor } = await submitRun(core, actor, request)
      if (waitingFor) {
        // Nobody works on it any more when this command has ended.
        await cancelRun(core, actor, runId)
        await waitFor(core, actor, runId, output)
        throw new CliError(
          waitingFor.limit === 'available' ? 'insufficient_funds' : 'limit_reached',
          waitingFor.message,
        )
      }
      return answer(output, await waitFor(core, actor, runId, output))
    } finally {
      await stopWorker()
    }
  })
}

/** A job by its name or its command, else a tool. */
async function requestFor(
  core: Core,
  actor: Actor,
  name: string,
  words: string[],
  { input = [], file = [], stdin }: Options,
): Promise<RunRequest> {
  const jobKey = name.replace(/^\//, '').replaceAll('_', '-')
  const job = await findJob(core.db, actor, jobKey)
  if (!job && !core.tools.find(name)) throw new CliError('not_found', `There is no job or tool ${name} here.`)
  const definition = job?.definition ?? singleToolJob(core.tools, name)
  const given = { words, inputs: input, files: file, ...(stdin === undefined ? {} : { stdin }) }
  const inputs = await readInputs(definition, given, process.stdin)
  return { target: job ? { job: job.definition.jobId } : { tool: name }, inputs }
}

/** Ctrl-C stops the run and shows how it ended; a second one leaves at once. */
async function waitFor(core: Core, actor: Actor, runId: string, output: Output): Promise<RunView> {
  const progress = createProgress(output)
  const cancel = (): void => {
    output.note('Stopping the run …')
    void cancelRun(core, actor, runId).catch((error) => core.log.error({ err: error }, 'The run could not be stopped'))
  }
  const leave = (): void => process.exit(143)
  process.once('SIGINT', cancel)
  process.once('SIGTERM', leave)
  try {
    const ended = await untilDefined(core.db, async () => {
      const view = await getRun(core, actor, runId)
      progress(view)
      return hasRunEnded(view.status) ? view : undefined
    })
    return ended as RunView
  } finally {
    process.off('SIGINT', cancel)
    process.off('SIGTERM', leave)
  }
}

function answer(output: Output, run: RunView): number {
  const outputs = Object.entries(run.outputs ?? {})
  const lines = outputs.map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
    return outputs.length > 1 ? `${name}:\n${text}` : text.replace(/\n$/, '')
  })
  output.answer(run, lines.join('\n\n'))
  const why = run.error ?? run.steps.find(({ error, status }) => status === 'failed' && error)?.error
  output.note(`${run.jobId} ${run.status.replaceAll('_', ' ')}${why ? `: ${why.message}` : ''} · cost $${run.costUsd}`)
  return run.status === 'succeeded' ? 0 : 1
}
