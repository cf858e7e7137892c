import { Command, CommanderError } from 'commander'
import { programVersion } from '../version.ts'
import { addAccountCommands } from './account.ts'
import { addBackupCommand } from './backup.ts'
import { addWorkerCommand } from './board-worker.ts'
import { addChatCommand } from './chat.ts'
import { addDoctorCommand } from './doctor.ts'
import { addJobCommands } from './job.ts'
import { addKeyCommands } from './key.ts'
import { addMcpCommand } from './mcp.ts'
import { addMigrateCommand } from './migrate.ts'
import { createOutput, tellFailure } from './output.ts'
import { addProcessCommand } from './process.ts'
import { addRekeyCommand } from './rekey.ts'
import { addRestoreCommand } from './restore.ts'
import { addRunCommand } from './run.ts'
import { addSlackCommands } from './slack.ts'
import { addStartCommand } from './start.ts'
import { addStatusCommand } from './status.ts'
import { addUnlockCommand } from './unlock.ts'

/** A wrong word or flag: nothing was done. What was tried and failed is 1. */
const WRONG_USAGE = 2

/** Runs one command line; the answer is the exit code. */
export async function runCli(args: readonly string[]): Promise<number> {
  // As the reader of the line sees it, for when the line itself is what is wrong.
  const output = createOutput(args.includes('--json'))
  const outcome = { exitCode: 0 }
  try {
    await createProgram(outcome, output.isJson).parseAsync(args, { from: 'user' })
    return outcome.exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) return tellFailure(output, error)
    if (error.exitCode === 0) return 0
    if (output.isJson) output.answer({ error: { code: 'usage', message: error.message.replace(/^error: /, '') } }, '')
    return WRONG_USAGE
  }
}

/** Commands set `outcome.exitCode` when they end with something else than success. */
function createProgram(outcome: { exitCode: number }, isJson: boolean): Command {
  const version = programVersion()
  const program = new Command('muster')
    .description('Team jobs from chat. The settings are in the environment or in .env; see .env.example.')
    .version(isJson ? JSON.stringify({ version }, null, 2) : version, '--version', 'print which version this is')
    .option('--json', 'print one JSON document; everything else goes to standard error')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Add --help to see what there is.')
    .exitOverride()
  for (const add of [
    addStartCommand,
    addMigrateCommand,
    addProcessCommand,
    addStatusCommand,
    addUnlockCommand,
    addBackupCommand,
    addRestoreCommand,
    addDoctorCommand,
    addRekeyCommand,
    addAccountCommands,
    addKeyCommands,
    addJobCommands,
    addRunCommand,
    addChatCommand,
    addSlackCommands,
    addWorkerCommand,
    addMcpCommand,
  ]) {
    add(program, outcome)
  }
  return program
}
