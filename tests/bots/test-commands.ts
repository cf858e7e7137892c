import { createAccountByOperator } from '#core/accounts/create.ts'
import { storeArtifact } from '#core/artifacts/store.ts'
import type { Handle, Handled } from '#core/chat/inbox.ts'
import { type Incoming, type Part, privately, type Reply, reply } from '#core/chat/message.ts'
import { touchCard } from '#core/chat/outbox.ts'
import type { Sender } from '#core/chat/sender.ts'
import { personal } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { findButton } from '#db/buttons.ts'

/** What the conformance suite has a channel carry, in place of the real commands. */
export class TestCommands {
  /** Every command that ran, in order: `<conversation> <line>`. */
  readonly ran: string[] = []
  readonly #cards = new Map<string, Part[]>()

  readonly renderCard = async (cardKey: string): Promise<Part[] | undefined> => this.#cards.get(cardKey)

  readonly handle =
    (core: Core, sender: Sender): Handle =>
    async (incoming) => {
      const line = incoming.button ? await commandOf(core, incoming.button.token) : incoming.text
      this.ran.push(`${incoming.conversation} ${line}`)
      const replies = await this.#answer(core, sender, incoming, line)
      return incoming.button ? { replies, notice: `Done: ${line}` } : { replies }
    }

  async #answer(core: Core, sender: Sender, incoming: Incoming, line: string): Promise<Handled['replies']> {
    const [, command = '', words = ''] = /^\/(\w+) ?(.*)$/s.exec(line) ?? []
    switch (command) {
      case 'echo':
        return [reply(words)]
      case 'long':
        return [reply(longText(Number(words)))]
      case 'show':
        return [{ parts: JSON.parse(words) as Part[] }]
      case 'ask':
        return [reply('Shall I?', askButtons)]
      case 'secret':
        return [privately(reply(`For you alone: ${words}`))]
      case 'file':
        return [await fileReply(core, words)]
      case 'read':
        return [await readReply(sender, incoming)]
      case 'original':
        return [reply(`You answered: ${incoming.replyTo?.text ?? 'nothing'}`)]
      case 'card':
        await this.showCard(core, incoming, words)
        return []
      default:
        return [reply(`You said: ${line}`)]
    }
  }

  /** Shows the one card of a conversation, or changes it in place. */
  async showCard(core: Core, { channel, conversation }: Incoming, words: string): Promise<void> {
    const cardKey = `test:${conversation}`
    const isDone = words === 'done'
    this.#cards.set(cardKey, [
      {
        type: 'progress',
        title: 'Notes',
        status: isDone ? 'done' : 'running',
        steps: [{ label: words, status: 'done' }],
      },
    ])
    await core.db.write(async function showCard(tx) {
      await touchCard(core, tx, { channel, conversation, cardKey, cause: cardKey })
    })
  }
}

const askButtons: Part = {
  type: 'buttons',
  buttons: [
    { label: 'Yes', command: '/echo pressed yes', style: 'primary' },
    { label: 'No', command: '/echo pressed no' },
  ],
}

/** Numbered words, so that what is lost or out of order shows. */
export function longText(characters: number): string {
  let text = ''
  for (let at = 1; text.length < characters; at++) text += `word${at}${at % 12 === 0 ? '\n' : ' '}`
  return text.trim()
}

async function commandOf(core: Core, token: string): Promise<string> {
  return (await findButton.first(core.db, { token }))?.command ?? 'no such button'
}

async function fileReply(core: Core, content: string): Promise<Reply> {
  const bytes = Buffer.from(content)
  const { id: accountId } = await createAccountByOperator(core, { handle: 'keeper', admin: false })
  const file = { context: personal(accountId), accountId, name: 'notes.md', mediaType: 'text/markdown' }
  const nowMs = core.clock.nowMs()
  const artifact = await core.db.write(async function storeFile(tx) {
    return storeArtifact(core, tx, { ...file, bytes, nowMs })
  })
  const { id: artifactId, name, mediaType, sizeBytes } = artifact
  return reply('Here it is.', { type: 'file', artifactId, name, mediaType, sizeBytes })
}

async function readReply(sender: Sender, { files, replyTo }: Incoming): Promise<Reply> {
  const [file] = [...files, ...(replyTo?.files ?? [])]
  if (!file) return reply('There is no file.')
  const bytes = await sender.download(file)
  return reply(`${file.name} (${file.sizeBytes}): ${Buffer.from(bytes).toString()}`)
}
