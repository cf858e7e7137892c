import { flushCompileCache } from 'node:module'
import { type Command, Option } from 'commander'
import { isStartedByNpm, readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import type { Role, Running } from '../main.ts'
import { action, type Outcome } from './action.ts'
import { makeFolder } from './database.ts'
import { CliError, type Output } from './output.ts'

const ROLES: readonly Role[] = ['all', 'web', 'worker']
/** Who asked us to stop waits ten seconds before they pull the plug. */
const STOP_MAX_MS = 9_500
const PARENT_WATCH_MS = 250

export function addStartCommand(program: Command, outcome: Outcome): void {
  program
    .command('start')
    .description('start the server: migrates, prints where it is, runs until it is told to stop')
    .addOption(new Option('--role <role>', 'what this process does').choices(ROLES).default('all'))
    .action(action(outcome, start))
}

async function start(output: Output, { role }: { role: Role }): Promise<number> {
  const config = readConfig()
  makeFolder(config)
  const stopAsked = nextStopSignal()
  // Only this command needs the server with everything in it.
  const { startServer } = await import('../main.ts')
  const running = await startServer(config, createLog(config), { role }).catch((error) => {
    throw explain(error, config)
  })
  const { url, claim, channels } = running
  output.answer({ url, channels, role, claim: claim ?? null }, banner(running, role))
  // At its end it would be written as well, but not every process gets that far.
  flushCompileCache()
  const signal = await stopAsked
  output.note(`${signal}: stopping …`)
  setTimeout(() => process.exit(0), STOP_MAX_MS).unref()
  await running.stop()
  return 0
}

/** Heard from the beginning on: a start that is told to stop while it migrates finishes that, and stops. */
function nextStopSignal(): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
    if (isStartedByNpm()) whenParentEnds(() => resolve('npm has ended'))
  })
}

/** npm does not hand on the signal that ends it; without this the server would go on behind it, unseen. */
function whenParentEnds(action: () => void): void {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    action()
  }, PARENT_WATCH_MS)
  watch.unref()
}

function banner({ url, claim, channels }: Running, role: Role): string[] {
  const lines = [`Muster is at ${url}${role === 'all' ? '' : ` (${role})`}`, `Channels: ${channels.join(', ')}`]
  if (!claim) return lines
  return [
    ...lines,
    '',
    'Nobody is admin yet. Open this link, or send the bot /start with the code; it works once, for a day:',
    `  ${claim.url}`,
    `  code ${claim.code}`,
  ]
}

function explain(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') {
    return new CliError('port_in_use', `${host}:${port} is taken by another program. Stop that one, or set PORT.`)
  }
  if (code === 'EACCES' && port < 1024) return new CliError('forbidden', `Ports below 1024 are not for you; set PORT.`)
  return error
}
