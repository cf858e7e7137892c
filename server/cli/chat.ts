import type { Command } from 'commander'
import type { Account } from '#core/accounts/account.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { readConfig } from '../config.ts'
import type { Assembled } from '../main.ts'
import { action, type Outcome } from './action.ts'
import { pipedChat } from './chat/piped.ts'
import { ChatSession } from './chat/session.ts'
import { terminalChat, terminalLook } from './chat/terminal.ts'
import { ensureMigrated } from './database.ts'
import { quietLog } from './open.ts'
import { operatorOrFirst } from './operator.ts'
import { CliError, type Output } from './output.ts'
import { startWorker } from './worker.ts'

interface Options {
  account?: string
  lines?: boolean
}

export function addChatCommand(program: Command, outcome: Outcome): void {
  program
    .command('chat')
    .description('the web chat at this terminal; what is piped in is one message, and the answers are printed')
    .option('--account <handle>', 'who chats; the only admin when left out')
    .option('--lines', 'piped input: each line is a message of its own')
    .action(action(outcome, chat))
}

async function chat(output: Output, { account: handle, lines = false }: Options): Promise<number> {
  if (output.isJson && process.stdin.isTTY) {
    throw new CliError('bad_input', 'chat --json answers what is piped in: echo /balance | muster chat --json')
  }
  const { telegram: _, slack: __, ...config } = readConfig()
  await ensureMigrated(config)
  // Commands and all; only what chats needs them.
  const { assemble } = await import('../main.ts')
  const assembled = await assemble(config, quietLog(config))
  try {
    await seedShipped(assembled.core)
    const account = await operatorOrFirst(assembled.core, handle, output)
    const stopWorker = await startWorker(assembled.core, assembled)
    await converse(assembled, account, output, lines).finally(stopWorker)
    return 0
  } finally {
    await assembled.close()
  }
}

async function converse({ core }: Assembled, account: Account, output: Output, byLine: boolean): Promise<void> {
  const { stdin, stdout } = process
  const isTerminal = stdin.isTTY && stdout.isTTY
  const session = new ChatSession(core, account, isTerminal ? terminalLook(stdout) : {})
  await session.conversation.begin()
  if (!isTerminal) return pipedChat(core, session, output, { input: stdin, byLine })
  output.note(`You are @${account.handle}.`)
  return terminalChat(core, session, { input: stdin, output: stdout })
}
