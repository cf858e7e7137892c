import { type Command, Option } from 'commander'
import { slackManifest } from '#bots/slack/manifest.ts'
import { publicJobs } from '#core/jobs/public.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { action, type Outcome } from './action.ts'
import { withCore } from './open.ts'
import type { Output } from './output.ts'

interface Options {
  name: string
  mode?: 'socket' | 'http'
}

export function addSlackCommands(program: Command, outcome: Outcome): void {
  program
    .command('slack')
    .description('set Slack up')
    .command('manifest')
    .description('print the manifest to paste into Slack, with a slash command for each job that everybody may run')
    .option('--name <name>', 'how the app is called in Slack', 'Muster')
    .addOption(new Option('--mode <mode>', 'SLACK_MODE when left out').choices(['socket', 'http']))
    .action(action(outcome, printManifest))
}

/** A document either way: it is there to be pasted. */
function printManifest(output: Output, { name, mode }: Options) {
  return withCore(async ({ core, config }) => {
    await seedShipped(core)
    const manifest = slackManifest({
      name,
      publicUrl: config.publicUrl,
      mode: mode ?? config.slack?.mode ?? 'socket',
      jobs: await publicJobs(core),
    })
    output.answer(manifest, JSON.stringify(manifest, null, 2))
    return 0
  })
}
