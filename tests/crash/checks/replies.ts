import type { MessageView } from '#tests/peers/telegram/index.ts'
import type { Tables } from '../database.ts'
import type { SentCommand } from '../facts.ts'
import { CRASH_JOBS } from '../jobs.ts'
import { defineCheck, runsOf } from './lookup.ts'

const DUPLICATE_NOTE = '(This may be a duplicate.)'
const DONE = '✓'

/** As it arrived, before anything was edited. */
const arrivedAs = ({ history, text }: MessageView): string => history[0]?.text ?? text
const isMarked = (message: MessageView): boolean => arrivedAs(message).includes(DUPLICATE_NOTE)
/** What it says beside the note, without characters that nobody sees. */
const saysOf = (text: string): string => text.replace(DUPLICATE_NOTE, '').replaceAll('\u2060', '').trim()

const isCard = (message: MessageView, titles: ReadonlySet<string>): boolean =>
  titles.has(titleOf(saysOf(arrivedAs(message))))
/** `✓ Three lines` → `Three lines` */
const titleOf = (text: string): string => (text.split('\n')[0] ?? '').slice(2)

const resultsOf = (messages: readonly MessageView[], { job, word }: SentCommand): MessageView[] =>
  messages.filter((message) => job.isResult(saysOf(arrivedAs(message)), word))

const filesOf = (messages: readonly MessageView[], { job, word }: SentCommand): MessageView[] =>
  messages.filter(({ files }) => files.some(({ name, bytes }) => name === job.file && bytes.includes(word)))

/** Each run's result, its file and its card as it was at the end are in the chat that asked. */
export const repliesArrived = defineCheck('repliesArrived', (facts, found) => {
  const runs = runsOf(facts)
  const outbox = Map.groupBy(facts.tables.outbox, ({ cause }) => cause)
  for (const command of facts.commands) {
    const messages = facts.chats.get(command.conversation) ?? []
    const name = `/${command.job.command} ${command.word}`
    if (resultsOf(messages, command).length === 0) found(`The result of ${name} did not arrive`)
    if (command.job.file && filesOf(messages, command).length === 0) found(`The file of ${name} did not arrive`)
    for (const { id } of runs(command)) {
      const rows = outbox.get(id) ?? []
      const card = rows.find(({ card_key }) => card_key === `run:${id}`)
      if (rows.length !== 2 || !card) found(`${id} of ${name} has ${rows.length} messages, not a card and a result`)
      const shown = messages.find(({ messageId }) => refOf(command.conversation, messageId) === card?.message_ref)
      const says = saysOf(shown?.text ?? '')
      if (!says.startsWith(`${DONE} `) || !says.includes(' · cost '))
        found(`The card of ${id} (${name}) says ${JSON.stringify(shown?.text)}`)
    }
  }
})

/** A command that starts a run is answered by its card alone: no excuse, no question, no refusal. */
export const nothingElseSaid = defineCheck('nothingElseSaid', ({ tables, commands, botId }, found) => {
  const deliveries = new Map(commands.map((command) => [`${botId}:${command.updateId}`, command]))
  const causes = new Map(tables.inbox.map(({ seq, delivery_id }) => [`in:${seq}`, deliveries.get(delivery_id)]))
  for (const { cause, reply_json } of tables.outbox) {
    const command = causes.get(cause)
    if (command) found(`/${command.job.command} ${command.word} was answered with ${reply_json}`)
  }
})

/** At least once, and never twice without a word about it. */
export const nothingSentTwiceUnmarked = defineCheck('nothingSentTwiceUnmarked', (facts, found) => {
  for (const command of facts.commands) {
    const messages = facts.chats.get(command.conversation) ?? []
    const results = resultsOf(messages, command)
    const name = `${command.job.command} ${command.word}`
    const unmarked = results.filter((message) => !isMarked(message)).length
    if (unmarked > 1) found(`The result of /${name} arrived ${unmarked} times without a mark`)
    // A file goes with the words before it, which have the mark.
    const files = filesOf(messages, command).length
    if (files > results.length) found(`The file of /${name} arrived ${files} times for ${results.length} results`)
  }
  for (const [conversation, messages] of facts.chats) {
    const commands = facts.commands.filter((command) => command.conversation === conversation)
    for (const what of surplus(messages, commands, facts.tables)) found(`In ${conversation}: ${what}`)
  }
})

/** Cards look alike, so they are counted: those without a mark can be no more than the runs. All others: by their rows. */
function surplus(
  messages: readonly MessageView[],
  commands: readonly SentCommand[],
  { run, outbox }: Tables,
): string[] {
  const what: string[] = []
  const titles = new Set(CRASH_JOBS.map(({ title }) => title))
  const cards = messages.filter((message) => isCard(message, titles) && saysOf(arrivedAs(message)).includes(' · '))
  const unmarked = cards.filter((card) => !isMarked(card)).length
  if (unmarked > commands.length) what.push(`${unmarked} cards without a mark for ${commands.length} runs`)
  const runIds = new Set(run.map(({ id }) => id))
  const results = commands.flatMap((command) => [...resultsOf(messages, command), ...filesOf(messages, command)])
  const others = messages.filter((message) => !cards.includes(message) && !results.includes(message))
  const conversation = String(messages[0]?.chatId)
  const rows = outbox.filter((row) => row.conversation === conversation && !runIds.has(row.cause))
  const refs = new Set(rows.map(({ message_ref }) => message_ref))
  for (const other of others) {
    if (!refs.has(refOf(conversation, other.messageId))) what.push(`a message that nothing stands for: ${other.text}`)
  }
  return what
}

const refOf = (conversation: string, messageId: number): string => `${conversation}/${messageId}`

/** In each chat, what was written first arrived first, and what was asked first was begun first. */
export const orderKept = defineCheck('orderKept', (facts, found) => {
  for (const conversation of facts.chats.keys()) {
    const rows = facts.tables.outbox
      .filter((row) => row.conversation === conversation && row.message_ref !== null)
      .toSorted((one, other) => one.seq - other.seq)
    const arrived = rows.map(({ message_ref }) => Number(message_ref?.split('/')[1]))
    for (const [index, messageId] of arrived.entries()) {
      if (messageId <= (arrived[index - 1] ?? 0)) found(`In ${conversation} message ${messageId} came before its turn`)
    }
  }
  const runs = runsOf(facts)
  const created = new Map(
    facts.tables.event.filter(({ type }) => type === 'run.created').map(({ subject, seq }) => [subject, seq]),
  )
  for (const [conversation, commands] of Map.groupBy(facts.commands, (command) => command.conversation)) {
    const begun = commands.flatMap((command) => runs(command)).map(({ id }) => created.get(id) ?? 0)
    if (begun.some((seq, index) => seq <= (begun[index - 1] ?? 0))) found(`In ${conversation} runs began out of order`)
  }
})

export const noComplaints = defineCheck('noComplaints', ({ complaints }, found) => {
  for (const complaint of complaints) found(complaint)
})
