import type { Account } from '#core/accounts/account.ts'
import type { Actor } from '#core/actor.ts'
import { takeAwaited } from '#core/chat/awaited.ts'
import type { Handle, Handled } from '#core/chat/inbox.ts'
import { type Incoming, type IncomingFile, privately, type Reply, reply } from '#core/chat/message.ts'
import { pressButton } from '#core/chat/press.ts'
import type { Senders } from '#core/chat/sender.ts'
import { personal } from '#core/context.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import type { Command, Sender } from './command.ts'
import { refusalReply } from './dispatch/refusal.ts'
import { runCommand } from './dispatch/run-command.ts'
import { senderOf } from './dispatch/sender.ts'
import { notUnderstood, unknownCommand } from './dispatch/unknown.ts'
import type { CommandLine, ParsedLine } from './grammar/line.ts'
import { findAs } from './grammar/named.ts'
import { parseLine } from './grammar.ts'
import { COMMANDS, indexCommands } from './index.ts'
import { usageOf } from './job/fields.ts'
import { startJob } from './job/start-job.ts'
import { jobOfCommand } from './job/target.ts'
import { howToGetIn } from './start.ts'

const BY_NAME = indexCommands(COMMANDS)

/** One delivery, with everything that is needed to answer it. */
interface Message {
  core: Core
  incoming: Incoming
  requestKey: string
  download(file: IncomingFile): Promise<Uint8Array>
  startLinks(code: string): string[]
}

/**
 * The one way in for what people say and press on any channel: who is it, what do they mean, may they, do it, say how it
 * went. What a person can mend is answered; anything else is thrown, for the inbox to report.
 */
export function createHandle(unbound: Core, senders: Senders): Handle {
  return async (incoming, requestKey, db) => {
    const core = db ? { ...unbound, db } : unbound
    if (!incoming.isAddressed && !incoming.button) return { replies: [] }
    const message: Message = {
      core,
      incoming,
      requestKey,
      download: downloadFrom(senders, incoming),
      startLinks: (code) => [...senders.values()].flatMap((sender) => sender.startLink?.(code) ?? []),
    }
    try {
      return withoutSilence(incoming.button ? await pressed(message, incoming.button.token) : await said(message))
    } catch (error) {
      if (error instanceof AppError) return { replies: [refusalReply(error)] }
      throw error
    }
  }
}

function downloadFrom(senders: Senders, { channel }: Incoming): (file: IncomingFile) => Promise<Uint8Array> {
  return async (file) => {
    const sender = senders.get(channel)
    if (!sender) throw new AppError('bad_input', 'Files cannot be taken on this channel.')
    return sender.download(file)
  }
}

/** A command whose answer comes by itself leaves no empty message behind. */
const withoutSilence = ({ replies, ...rest }: Handled): Handled => ({
  ...rest,
  replies: replies.filter(({ parts }) => parts.length > 0),
})

/** A button is its command line, said by whoever pressed it. */
async function pressed(message: Message, token: string): Promise<Handled> {
  const { core, incoming, requestKey } = message
  const account = await senderOf(core, incoming, { admit: false })
  if (!account) return { replies: [howToGetIn()] }
  const press = await pressButton(core, presser(account, incoming, requestKey), token)
  if ('stale' in press) {
    // Where the platform shows a notice to whoever pressed, a message beside it would say the same again.
    return incoming.button?.answerRef
      ? { replies: [], notice: press.stale }
      : { replies: [privately(reply(press.stale))] }
  }
  const line = parseLine(press.command)
  return line.kind === 'command' ? obey(message, line) : { replies: [notUnderstood()] }
}

const presser = ({ id, handle, platformRole }: Account, { channel }: Incoming, requestKey: string): Actor => ({
  accountId: id,
  handle,
  platformRole,
  channel,
  context: personal(id),
  requestKey,
})

async function said(message: Message): Promise<Handled> {
  const { incoming } = message
  const slashed = parseLine(incoming.text)
  if (slashed.kind === 'command') return obey(message, slashed)
  const answer = await awaitedLine(message)
  if (answer) return obey(message, answer)
  const bare: ParsedLine = isBareAllowed(incoming) ? parseLine(incoming.text, { bare: true }) : slashed
  return bare.kind === 'command' ? obey(message, bare, { isBare: true }) : talk(message)
}

/** Words without a slash from somebody who was asked for them: the line they belong to. */
async function awaitedLine({ core, incoming, requestKey }: Message): Promise<CommandLine | undefined> {
  if (incoming.text.trim() === '') return undefined
  const account = await senderOf(core, incoming, { admit: false })
  const command = account && (await takeAwaited(core, presser(account, incoming, requestKey)))
  if (command === undefined) return undefined
  const line = parseLine(`${command}\n${incoming.text}`)
  return line.kind === 'command' ? line : undefined
}

/** Telegram puts the slash there by itself; in its private chats a word alone is talk. */
const isBareAllowed = ({ channel, isPrivate }: Incoming): boolean => channel !== 'telegram' || !isPrivate

async function talk({ core, incoming }: Message): Promise<Handled> {
  const account = await senderOf(core, incoming, { admit: true })
  return { replies: [account ? notUnderstood() : howToGetIn()] }
}

async function obey(message: Message, line: CommandLine, { isBare = false } = {}): Promise<Handled> {
  const { core, incoming } = message
  const command = BY_NAME.get(line.name)
  const isForStrangers = command?.access === 'stranger'
  const account = await senderOf(core, incoming, { admit: !isForStrangers })
  if (!account)
    return { replies: [isForStrangers ? await runCommand(message, command, line, undefined) : howToGetIn()] }
  const sender = await actAs(message, account, line)
  const notes = sender.resolved.fellBack ? [fellBackNote(sender.resolved.fellBack)] : []
  return { replies: [...notes, await carryOut(message, { command, line, sender, isBare })] }
}

async function actAs({ core, incoming, requestKey }: Message, account: Account, line: CommandLine): Promise<Sender> {
  const as = findAs(line)
  const explicit = as ? (as.type === 'personal' ? 'personal' : `team:${as.name}`) : incoming.context
  const { channel, conversation } = incoming
  return actorFor(core, {
    accountId: account.id,
    channel,
    conversation,
    requestKey,
    ...(explicit === undefined ? {} : { explicit }),
  })
}

const fellBackNote = ({ teamName }: { teamName: string }): Reply =>
  privately(reply(`You are not in ${teamName} any more, so from now on you pay yourself: your context is personal.`))

interface Order {
  command: Command | undefined
  line: CommandLine
  sender: Sender
  /** Said without a slash: a first word that is no command is talk. */
  isBare: boolean
}

/** A refusal here is told with what the person can do about it. */
async function carryOut(message: Message, { command, line, sender, isBare }: Order): Promise<Reply> {
  const { core } = message
  const job = command ? undefined : await jobOfCommand(core, sender.actor, line.name)
  try {
    if (command) return await runCommand(message, command, line, sender)
    if (job) return await startJob({ ...message, ...sender, line }, line, job)
    return isBare ? notUnderstood() : await unknownCommand(core, sender, line.name)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const usage = job && usageOf(job.command, job.definition)
    return refusalReply(error, { sender, ...(usage ? { usage } : {}) })
  }
}
