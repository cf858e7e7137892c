import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { commandOf } from '#core/jobs/definition.ts'
import { checkJob, saveJob, type Visibility } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { action, type Outcome } from './action.ts'
import { withCore } from './open.ts'
import { operatorActor, operatorOf } from './operator.ts'
import { CliError, messageOf, type Output } from './output.ts'

interface Options {
  as?: string
  account?: string
  visibility?: Visibility
}

const VISIBILITIES: readonly Visibility[] = ['private', 'team', 'public']

const STDIN = 0

export function addJobCommands(program: Command, outcome: Outcome): void {
  const job = program.command('job').description('check and publish job files')
  const withFile = (name: string, description: string): Command =>
    job
      .command(name)
      .description(description)
      .argument('<file>', 'YAML or JSON; - reads standard input')
      .option('--as <context>', 'personal or team:<name>; personal when left out')
      .option('--account <handle>', 'who does it; the only admin when left out')
  withFile('validate', 'show every problem of a job file; stores nothing').action(action(outcome, validateJob))
  withFile('publish', 'save a job file as the newest version, at once a command')
    .addOption(new Option('--visibility <who>', 'who may use it').choices(VISIBILITIES))
    .action(action(outcome, publishJob))
}

function validateJob(output: Output, file: string, { as, account }: Options) {
  const source = readSource(file)
  return withCore(async ({ core }) => {
    await seedShipped(core)
    const actor = await operatorActor(core, await operatorOf(core, account, output), { channel: 'api', as })
    const { definition, problems } = await checkJob(core, actor, source)
    const isValid = definition !== undefined && problems.length === 0
    const lines = problems.map(({ path, message }) => (path ? `${path}: ${message}` : message))
    output.answer(
      { valid: isValid, ...(definition ? { jobId: definition.jobId } : {}), problems },
      isValid ? `${definition.jobId} is valid.` : lines,
    )
    return isValid ? 0 : 1
  })
}

function publishJob(output: Output, file: string, { as, account, visibility }: Options) {
  const source = readSource(file)
  return withCore(async ({ core }) => {
    await seedShipped(core)
    const actor = await operatorActor(core, await operatorOf(core, account, output), { channel: 'api', as })
    const job = await saveJob(core, actor, { source, publish: true, ...(visibility ? { visibility } : {}) })
    output.answer(job, `${job.jobId} is published in version ${job.version}. In chat: /${commandOf(job.jobId)}`)
    return 0
  })
}

function readSource(file: string): string {
  try {
    return readFileSync(file === '-' ? STDIN : file, 'utf8')
  } catch (error) {
    throw new CliError('bad_input', `${file} cannot be read: ${messageOf(error)}`)
  }
}
