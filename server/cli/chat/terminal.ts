import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import { styleText } from 'node:util'
import { lookOnLive } from '#core/chat/live-web.ts'
import type { FormPart } from '#core/chat/message.ts'
import type { WebMessage } from '#core/chat/web.ts'
import type { Core } from '#core/core.ts'
import { messageOf } from '../output.ts'
import { liveRows } from './live-rows.ts'
import { momentsIn } from './moments.ts'
import { MessageReader } from './reader.ts'
import type { Look } from './render.ts'
import type { ChatSession } from './session.ts'

const PROMPT = '› '
const PROMPT_MORE = '… '
/** The terminal puts marks around what is pasted, so that its line ends are not taken for Enter. */
const PASTE_MARKS_ON = '\u001b[?2004h'
const PASTE_MARKS_OFF = '\u001b[?2004l'

/** How things look at this terminal, with the time of this machine. */
export const terminalLook = (output: WriteStream): Look => ({
  style: (text, how) => styleText(how === 'strong' ? 'bold' : 'dim', text, { stream: output }),
  moments: momentsIn(),
})

/** A conversation with a person at a terminal. Resolves when they leave: `/quit`, Ctrl-D, or Ctrl-C at an empty prompt. */
export async function terminalChat(
  core: Core,
  session: ChatSession,
  { input, output }: { input: ReadStream; output: WriteStream },
): Promise<void> {
  const terminal = new Terminal(input, output)
  const leaving = new AbortController()
  const asked = new Set<string>()
  let turn: Promise<void> = Promise.resolve()
  /** A form that is the answer to a line is asked for at once; one that was begun elsewhere is only shown. */
  const formToAsk = (message: WebMessage): FormPart | undefined => {
    const form = session.formIn(message)
    return form && !asked.has(form.formId) && terminal.isIdle ? form : undefined
  }
  const ask = (message: WebMessage, form: FormPart): void => {
    asked.add(form.formId)
    const asking = async (): Promise<void> => terminal.tell(await session.fillIn(message, form, { input, output }))
    turn = turn.then(() => terminal.aside(asking))
  }
  const following = session.conversation.follow((message) => {
    const form = formToAsk(message)
    terminal.tell(session.show(message, { isAsked: form !== undefined }))
    if (form) ask(message, form)
  }, leaving.signal)
  // What is written in this process at the moment; of another one's work the result comes.
  const look = lookOnLive(session.conversation.id, ({ text }) => terminal.showLive(text))
  terminal.tell([
    'Type a message or /help. Paste as much as you like; """ begins and ends several lines; /quit leaves.',
  ])
  await terminal.read((message) => {
    if (/^\/(quit|exit)\s*$/i.test(message)) return terminal.close()
    // In the order in which they were typed.
    turn = turn.then(() => answer(core, session, terminal, message))
  })
  await turn
  look()
  leaving.abort()
  await following
  if (await session.conversation.hasMovingRuns()) {
    output.write('Something is still running. It goes on with the server, or with the next chat.\n')
  }
}

async function answer(core: Core, session: ChatSession, terminal: Terminal, message: string): Promise<void> {
  try {
    const told = await session.take(message)
    if (told !== undefined) terminal.tell([told])
  } catch (error) {
    core.log.debug({ err: error }, 'A line could not be taken')
    terminal.tell([messageOf(error)])
  }
}

/** A prompt at which one can type while answers come in above it. */
class Terminal {
  readonly #input: ReadStream
  readonly #output: WriteStream
  /** `closed` and `prevRows`, the rows that it will clear, are there and missing from the types. */
  #readline: Interface & { closed?: boolean; prevRows?: number }
  readonly #reader = new MessageReader()
  #take: (message: string) => void = () => {}
  #closed: () => void = () => {}
  /** What is being written at the moment, between what was told and the prompt; and how many rows of it stand there. */
  #live: string[] = []
  #liveShown = 0
  /** While something else has the keyboard: what is told when it is back. */
  #held: string[] | undefined

  constructor(input: ReadStream, output: WriteStream) {
    this.#input = input
    this.#output = output
    this.#readline = this.#open()
    // Behind readline's own listener, which is there since the line above.
    input.on('keypress', (_, key?: { name?: string }) => {
      if (this.#held) return
      if (key?.name === 'paste-start') this.#reader.pasteStarts()
      if (key?.name === 'paste-end') this.#pasted()
    })
  }

  /** Nothing is being typed. */
  get isIdle(): boolean {
    return !this.#readline.closed && !this.#reader.isOpen && this.#readline.line === ''
  }

  /** Hands on each message; resolves when the prompt is closed. */
  read(take: (message: string) => void): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const restore = (): void => void this.#output.write(PASTE_MARKS_OFF)
    process.once('exit', restore)
    this.#output.write(PASTE_MARKS_ON)
    this.#take = take
    this.#closed = () => {
      process.off('exit', restore)
      restore()
      resolve()
    }
    this.#prompt()
    return promise
  }

  /** Leaves the keyboard to something else for a while; what comes in meanwhile is told afterwards. */
  async aside(work: () => Promise<void>): Promise<void> {
    if (this.#readline.closed) return
    this.#held = []
    this.#liveShown = 0
    this.#readline.close()
    try {
      await work()
    } finally {
      const held = this.#held
      this.#held = undefined
      this.#readline = this.#open()
      this.#prompt()
      this.tell(held)
    }
  }

  #open(): Interface {
    const readline = createInterface({
      input: this.#input,
      output: this.#output,
      terminal: true,
      prompt: PROMPT,
      historySize: 200,
    })
    readline.on('line', (line) => {
      // What stands above it has gone up with it, and stays.
      this.#liveShown = 0
      const message = this.#reader.read(line)
      if (message !== undefined && message.trim() !== '') this.#take(message)
      this.#prompt()
    })
    readline.on('SIGINT', () => this.#interrupted())
    readline.once('close', () => {
      if (!this.#held) this.#closed()
    })
    return readline
  }

  close(): void {
    this.#readline.close()
  }

  /** Shows lines above the prompt, and what is being typed again below. */
  tell(lines: readonly string[]): void {
    if (lines.length === 0) return
    if (this.#held) return void this.#held.push(...lines)
    this.#draw(lines)
  }

  /** Shows the end of what is being written, in place of what was shown of it; null when it is over. */
  showLive(text: string | null): void {
    this.#live = text === null ? [] : liveRows(text, this.#output.columns)
    if (!this.#held) this.#draw([])
  }

  #draw(lines: readonly string[]): void {
    if (this.#readline.closed) return
    // What is being typed may have grown over several rows.
    moveCursor(this.#output, 0, -(this.#readline.getCursorPos().rows + this.#liveShown))
    cursorTo(this.#output, 0)
    clearScreenDown(this.#output)
    this.#readline.prevRows = 0
    const rows = [...lines, ...this.#live.map((row) => styleText('dim', row, { stream: this.#output }))]
    if (rows.length > 0) this.#output.write(`${rows.join('\n')}\n`)
    this.#liveShown = this.#live.length
    this.#prompt(true)
  }

  #pasted(): void {
    const count = this.#reader.pasteEnds() + (this.#readline.line === '' ? 0 : 1)
    if (count > 1) this.tell([`(${count} lines; Enter sends them, Ctrl-C drops them)`])
  }

  #interrupted(): void {
    if (!this.#reader.isOpen && this.#readline.line === '') return void this.close()
    this.#reader.drop()
    this.#readline.write(null, { ctrl: true, name: 'u' })
    this.#output.write('\n')
    this.#prompt()
  }

  #prompt(keepsCursor = false): void {
    if (this.#readline.closed) return
    this.#readline.setPrompt(this.#reader.isOpen ? PROMPT_MORE : PROMPT)
    this.#readline.prompt(keepsCursor)
  }
}
