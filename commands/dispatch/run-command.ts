import assert from 'node:assert/strict'
import type { Reply } from '#core/chat/message.ts'
import { AppError } from '#core/errors.ts'
import type { JsonObject } from '#core/json.ts'
import { isByHand, onlyByHand } from '../by-hand.ts'
import type { AnyCall, Command, Sender } from '../command.ts'
import { bindArguments } from '../grammar/arguments.ts'
import type { CommandLine } from '../grammar/line.ts'
import { parseLine } from '../grammar.ts'
import { commandNamed } from '../index.ts'
import { explainProblems, usageLine } from '../usage.ts'
import { askForArguments, lineWith, missingArguments } from './ask-arguments.ts'
import { refusalReply } from './refusal.ts'

type Message = Pick<AnyCall, 'core' | 'incoming' | 'requestKey' | 'download' | 'startLinks'>

/** One command: may they, what do they mean by it, do it. Refused with how it is written where that was the mistake. */
export async function runCommand(
  message: Message,
  command: Command,
  line: CommandLine,
  sender: Sender | undefined,
): Promise<Reply> {
  try {
    return await execute(message, command, line, sender)
  } catch (error) {
    // How a button's command is written is of no use to whoever pressed it.
    const usage = command.isHidden ? {} : { usage: usageLine(command) }
    if (error instanceof AppError) return refusalReply(error, { ...usage, sender })
    throw error
  }
}

/** The same, with refusals thrown. `filled`: what a form has filled in. */
async function execute(
  message: Message,
  command: Command,
  line: CommandLine,
  sender: Sender | undefined,
  filled?: JsonObject,
): Promise<Reply> {
  requireAccess(command, message, sender)
  const missing = missingArguments(line, command)
  if (sender && missing.length > 0) {
    const whole = filled && lineWith(command, filled)
    if (whole === undefined) return askForArguments(message, command, sender, missing)
    return execute(message, command, parsed(whole), sender)
  }
  const bound = bindArguments(line, command)
  if (!bound.ok) throw miswritten(command, bound.problems)
  const { values: args, flags, as, inputs } = bound
  return command.run({
    ...message,
    ...(sender ?? { actor: undefined, account: undefined, resolved: undefined }),
    line,
    args,
    flags,
    ...(as ? { as } : {}),
    ...(inputs ? { inputs } : {}),
    ...(filled ? { filled } : {}),
    obey: obeyFor(message),
  })
}

/** Carries out lines that forms fill in. */
export const obeyFor =
  (message: Message): AnyCall['obey'] =>
  async (text, filled, sender) => {
    const line = parsed(text)
    const command = commandNamed(line.name)
    assert(command, 'A form fills in a command there is')
    return execute(message, command, line, sender, filled)
  }

function parsed(text: string): CommandLine {
  const line = parseLine(text)
  assert(line.kind === 'command', 'A form fills in a command')
  return line
}

function miswritten(command: Command, problems: { path: string; message: string }[]): AppError {
  return new AppError('bad_input', explainProblems(problems, usageLine(command)), { problems })
}

function requireAccess(command: Command, { incoming }: Message, sender: Sender | undefined): void {
  const { name, access, scope } = command
  if (incoming.channel === 'rule' && isByHand(command)) throw onlyByHand(command)
  if (access === 'admin' && sender?.account.platformRole !== 'admin') {
    throw new AppError('forbidden', `Only a platform admin may use /${name}.`)
  }
  if (scope === 'private' && !incoming.isPrivate) {
    throw new AppError('forbidden', `Others read along here. Send /${name} to me in private.`)
  }
  if (scope === 'team' && sender?.resolved.context.type !== 'team') {
    throw new AppError('bad_request', `/${name} is for teams. Choose one with /setcontext, or add --as team:<name>.`)
  }
}
