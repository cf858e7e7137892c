import type { Account } from '#core/accounts/account.ts'
import type { Button, FormPart, IncomingFile } from '#core/chat/message.ts'
import type { WebMessage } from '#core/chat/web.ts'
import type { Core } from '#core/core.ts'
import { Choices } from './choices.ts'
import { Conversation } from './conversation.ts'
import { attachFile, saveFile } from './files.ts'
import { type Asking, askForm } from './form.ts'
import { type Look, renderBriefly, renderMessage } from './render.ts'

/** An answer comes within this; a form that comes later was begun elsewhere. */
const FRESH_MS = 10_000

/** In the console its own pages are paths; a terminal is nowhere near, so they get their address. */
const withAddresses = (message: WebMessage, publicUrl: string): WebMessage => ({
  ...message,
  parts: message.parts.map((part) => {
    if (part.type !== 'buttons') return part
    const addressed = ({ url, ...rest }: Button): Button =>
      url === undefined ? rest : { ...rest, url: url.startsWith('/') ? `${publicUrl}${url}` : url }
    return { type: 'buttons', buttons: part.buttons.map(addressed) }
  }),
})

/** A conversation at a prompt: takes what a person types, gives back lines to show. */
export class ChatSession {
  readonly conversation: Conversation
  readonly #core: Core
  readonly #account: Account
  readonly #look: Look
  readonly #choices = new Choices()
  /** What was last shown of each message: of an edit only what is new is told. */
  readonly #shown = new Map<string, readonly string[]>()
  #attached: IncomingFile[] = []
  #saidAtMs = Number.NEGATIVE_INFINITY

  constructor(core: Core, account: Account, look: Partial<Look> = {}) {
    this.#core = core
    this.#account = account
    this.#look = { style: (text) => text, moments: (text) => text, ...look }
    this.conversation = new Conversation(core, account)
  }

  /**
   * Does what a line means: a number chooses, `/attach <path>` puts a file to the next message, everything else is said;
   * `\1` says a 1. Gives what there is to tell at once, if anything.
   */
  async take(message: string): Promise<string | undefined> {
    this.#saidAtMs = performance.now()
    const number = /^\s*(\d{1,6})\s*$/.exec(message)?.[1]
    const choice = number === undefined ? undefined : this.#choices.find(Number(number))
    if (choice === 'gone') return `[${number}] is not there any more. To say ${number}, type \\${number}.`
    if (choice?.type === 'file') return `Saved ${await saveFile(this.#core, choice.file)}`
    if (choice) return void (await this.conversation.press(choice.button))
    const path = /^\/attach\s+(\S.*?)\s*$/.exec(message)?.[1]
    if (path !== undefined) return this.#attach(path)
    const text = message.replace(/^\\(?=\d+\s*$)/, '')
    const files = this.#attached
    if (text.trim() === '' && files.length === 0) return undefined
    await this.conversation.say(text, files)
    this.#attached = []
    return undefined
  }

  /** The lines of a message that were not shown yet. `isAsked`: its form is going to be asked for, and is not shown before. */
  show(message: WebMessage, { isAsked = false } = {}): string[] {
    if (message.from === 'user') return message.text.split('\n').map((line) => this.#look.style(`> ${line}`, 'muted'))
    this.#choices.take(message)
    const shown = withAddresses(message, this.#core.settings.publicUrl)
    const lines = isAsked
      ? renderBriefly(shown, this.#choices, this.#look)
      : renderMessage(shown, this.#choices, this.#look)
    const before = new Set(this.#shown.get(message.id))
    this.#shown.set(message.id, lines)
    return lines.filter((line) => !before.has(line))
  }

  /** The form in a message, if it asks for one as the answer to what was just said here. */
  formIn({ parts }: WebMessage): FormPart | undefined {
    return this.#isFresh ? parts.find((part) => part.type === 'form') : undefined
  }

  /** Asks for the form of a message, and sends it when that is wanted; else gives what there is to show of it. */
  async fillIn(message: WebMessage, form: FormPart, asking: Asking): Promise<string[]> {
    const asked = await askForm(this.#core, this.#account, form, asking)
    if (asked.isToSend) await this.conversation.sendForm(form)
    if (asked.isToSend || !asked.form) return []
    const now = asked.form
    return this.show({ ...message, parts: message.parts.map((part) => (part.type === 'form' ? now : part)) })
  }

  get #isFresh(): boolean {
    return performance.now() - this.#saidAtMs < FRESH_MS
  }

  async #attach(path: string): Promise<string> {
    const file = await attachFile(this.#core, this.#account, path)
    this.#attached.push(file)
    return `${file.name} goes with your next message.`
  }
}
