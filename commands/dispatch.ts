import assert from 'node:assert/strict'
import type { Account } from '#core/accounts/account.ts'
import type { Handle, Handled } from '#core/chat/inbox.ts'
import { type Incoming, type IncomingFile, privately, type Reply, reply } from '#core/chat/message.ts'
import { pressButton } from '#core/chat/press.ts'
import type { Sender as ChannelSender, Senders } from '#core/chat/sender.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import type { Command, Sender } from './command.ts'
import { answerOf } from './dispatch/answer.ts'
import { refusalReply } from './dispatch/refusal.ts'
import { obeyFor, runCommand } from './dispatch/run-command.ts'
import { presser, senderOf } from './dispatch/sender.ts'
import { notUnderstood, unknownCommand } from './dispatch/unknown.ts'
import type { CommandLine, ParsedLine } from './grammar/line.ts'
import { findAs } from './grammar/named.ts'
import { renderLine } from './grammar/render.ts'
import { parseLine } from './grammar.ts'
import { commandNamed } from './index.ts'
import { usageOf } from './job/fields.ts'
import { startJob } from './job/start-job.ts'
import { jobOfCommand } from './job/target.ts'
import { muted } from './replies.ts'
import { howToGetIn } from './start.ts'
import { understand } from './words/understand.ts'

/** One delivery, with everything that is needed to answer it. */
interface Message {
  core: Core
  incoming: Incoming
  requestKey: string
  download(file: IncomingFile): Promise<Uint8Array>
  startLinks(code: string): string[]
  /** How the channel shows forms, if it does. */
  forms: ChannelSender['forms']
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
      forms: senders.get(incoming.channel)?.forms,
    }
    try {
      return withNotice(withNotes(incoming, withoutSilence(await handled(message))))
    } catch (error) {
      if (error instanceof AppError) return withNotes(incoming, { replies: [refusalReply(error)] })
      throw error
    }
  }
}

async function handled(message: Message): Promise<Handled> {
  const { button, form } = message.incoming
  if (button) return pressed(message, button.token)
  return form ? sent(message, form.formId) : said(message)
}

/** What a reply says to whoever pressed shows beside the button. */
const withNotice = ({ replies, ...rest }: Handled): Handled => {
  const notice = replies.find((one) => one.notice !== undefined)?.notice
  return { ...(notice === undefined ? {} : { notice }), replies, ...rest }
}

/** What of a message could not be taken is said with the first answer to it, or alone. */
function withNotes({ notes = [] }: Incoming, { replies, ...rest }: Handled): Handled {
  if (notes.length === 0) return { replies, ...rest }
  const said = notes.map((note) => muted(note))
  const at = replies.findIndex(({ parts }) => parts.length > 0)
  const all = replies.map((one, place) => (place === at ? { ...one, parts: [...one.parts, ...said] } : one))
  return { ...rest, replies: at < 0 ? [...all, privately(reply(...said))] : all }
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
  replies: replies.filter(({ parts, formId }) => parts.length > 0 || formId !== undefined),
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

async function said(message: Message): Promise<Handled> {
  const { incoming } = message
  const slashed = parseLine(incoming.text)
  if (slashed.kind === 'command') return obey(message, slashed)
  const answer = await answerOf(message)
  if (answer) return answer.isReady ? sent(message, answer.formId) : { replies: [] }
  const bare: ParsedLine = isBareAllowed(incoming) ? parseLine(incoming.text, { bare: true }) : slashed
  return bare.kind === 'command' ? obey(message, bare, { isBare: true }) : talk(message)
}

/** A form that was filled in: its button, said by whoever filled it in. */
function sent(message: Message, formId: string): Promise<Handled> {
  const line = parseLine(renderLine('fillin', { words: [formId, 'send'] }))
  assert(line.kind === 'command')
  return obey(message, line)
}

/** Telegram puts the slash there by itself; in its private chats a word alone is talk. Mail tells itself what is a command in it. */
const isBareAllowed = ({ channel, isPrivate }: Incoming): boolean =>
  channel !== 'email' && (channel !== 'telegram' || !isPrivate)

async function talk(message: Message): Promise<Handled> {
  const { core, incoming } = message
  const account = await senderOf(core, incoming, { admit: true })
  if (!account) return { replies: [howToGetIn()] }
  const sender = await actAs(message, account, incoming.context)
  return { replies: [...notesFor(sender), await understand(core, sender, incoming)] }
}

async function obey(message: Message, line: CommandLine, { isBare = false } = {}): Promise<Handled> {
  const { core, incoming } = message
  const command = commandNamed(line.name)
  const isForStrangers = command?.access === 'stranger'
  const account = await senderOf(core, incoming, { admit: !isForStrangers })
  if (!account)
    return { replies: [isForStrangers ? await runCommand(message, command, line, undefined) : howToGetIn()] }
  const as = findAs(line)
  const explicit = as ? (as.type === 'personal' ? 'personal' : `team:${as.name}`) : incoming.context
  const sender = await actAs(message, account, explicit)
  return { replies: [...notesFor(sender), await carryOut(message, { command, line, sender, isBare })] }
}

async function actAs(
  { core, incoming, requestKey }: Message,
  account: Account,
  explicit: string | undefined,
): Promise<Sender> {
  const { channel, conversation } = incoming
  const sender = await actorFor(core, {
    accountId: account.id,
    channel,
    conversation,
    requestKey,
    ...(explicit === undefined ? {} : { explicit }),
  })
  return channel === 'rule' ? withoutPowers(sender) : sender
}

/** What is said by itself has no powers over the instance. */
const withoutPowers = ({ account, actor, ...sender }: Sender): Sender => ({
  ...sender,
  account: { ...account, platformRole: 'user' },
  actor: { ...actor, platformRole: 'user' },
})

const notesFor = ({ resolved: { fellBack } }: Sender): Reply[] => (fellBack ? [fellBackNote(fellBack)] : [])

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
    if (job) return await startJob({ ...message, ...sender, line, obey: obeyFor(message) }, line, job)
    return isBare ? await understand(core, sender, message.incoming) : await unknownCommand(core, sender, line.name)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const usage = job && usageOf(job.command, job.definition)
    return refusalReply(error, { sender, ...(usage ? { usage } : {}) })
  }
}
