import type { Part } from '#core/chat/message.ts'
import type { WebMessage } from '#core/chat/web.ts'
import type { Program } from './program.ts'
import { linesOf, speech } from './speech.ts'

/** A run that waits for money or room stays as it is until somebody does something about it. */
const isKept = (parts: readonly Part[]): boolean =>
  parts.some((part) => part.type === 'buttons' && part.buttons.some(({ label }) => label === 'Ask for more'))
/** Comes with an answer, and is none. */
const isNews = (parts: readonly Part[]): boolean =>
  parts.some((part) => part.type === 'text' && part.text.includes('is used or set aside'))
const progressOf = ({ parts }: WebMessage): Part[] => parts.filter(({ type }) => type === 'progress')

const UNDER_WAY = new Set(['pending', 'running', 'waiting'])
/** A run takes well under a second; a machine under load some more. */
const PATIENCE_MS = 30_000

/** Somebody at the web chat, over the same HTTP that the browser uses. */
export class Person {
  readonly #url: string
  readonly #headers: Record<string, string>
  #said = 0

  constructor(url: string, headers: Record<string, string>) {
    this.#url = url
    this.#headers = headers
  }

  /** Opens the printed link and chooses a handle: becomes the first admin. */
  static async claim({ url, origin = url, claimCode }: Program, handle: string): Promise<Person> {
    const answer = await fetch(`${url}/v1/auth/claim`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: origin },
      body: JSON.stringify({ code: claimCode, handle }),
    })
    if (!answer.ok) throw new Error(`The claim was refused: ${await answer.text()}`)
    const cookie = answer.headers.getSetCookie().map((set) => set.split(';')[0])
    return new Person(url, { Cookie: cookie.join('; '), Origin: origin })
  }

  static withKey({ url }: Program, key: string): Person {
    return new Person(url, { Authorization: `Bearer ${key}` })
  }

  /** What was said and what came back, as the transcript shows it: once every run that it started has ended. */
  async exchange(name: string, text: string): Promise<string> {
    const answers = await this.say(text)
    return [speech(name, text.split('\n')), ...answers.map((parts) => speech('bot', linesOf(parts)))].join('\n\n')
  }

  /**
   * The same where more comes of it than the runs that it starts: until every one of the messages has come, and in their order,
   * whichever of them was faster.
   */
  async story(name: string, text: string, fits: readonly RegExp[]): Promise<string> {
    const { message } = await this.#call<{ message: WebMessage }>('POST', '/v1/chat/messages', { text })
    const heard = await this.#untilHeard(message.id, fits)
    return [speech(name, text.split('\n')), ...heard.map((parts) => speech('bot', linesOf(parts)))].join('\n\n')
  }

  async #untilHeard(messageId: string, fits: readonly RegExp[]): Promise<Part[][]> {
    for (const untilMs = performance.now() + PATIENCE_MS; ; ) {
      const { items } = await this.#call<{ items: WebMessage[] }>('GET', '/v1/chat/messages?limit=50')
      const answers = items.slice(items.findIndex(({ id }) => id === messageId) + 1).map(({ parts }) => parts)
      const heard = fits.map((fit) => answers.find((parts) => fit.test(linesOf(parts).join('\n'))))
      if (answers.length === fits.length && heard.every((parts) => parts !== undefined)) return heard
      const said = answers.map((parts) => linesOf(parts).join('\n')).join('\n---\n')
      if (performance.now() > untilMs) throw new Error(`Not what was to be heard after ${fits.join(' ')}:\n${said}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async say(text: string): Promise<Part[][]> {
    const { message } = await this.#call<{ message: WebMessage }>('POST', '/v1/chat/messages', { text })
    this.#said++
    const answers = await this.#answersTo(message.id)
    return answers.map(({ parts }) => parts)
  }

  /** Cards are edited in place, so only how they end is told. */
  async #answersTo(messageId: string): Promise<WebMessage[]> {
    const untilMs = performance.now() + PATIENCE_MS
    for (;;) {
      const { items } = await this.#call<{ items: WebMessage[] }>('GET', '/v1/chat/messages?limit=50')
      const answers = items.slice(items.findIndex(({ id }) => id === messageId) + 1)
      const cards = answers.filter(({ parts }) => !isKept(parts)).flatMap(progressOf)
      const isOver = cards.every((card) => card.type !== 'progress' || !UNDER_WAY.has(card.status))
      // A run that ended well has its result below its card.
      const said = answers.filter(({ parts }) => !isNews(parts)).length
      const isWhole = cards.length === 0 || said > cards.length
      if (said > 0 && isOver && isWhole) return answers
      if (performance.now() > untilMs) throw new Error(`No answer to message ${this.#said}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(this.#url + path, {
      method,
      headers: { ...this.#headers, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
    return (await answer.json()) as T
  }
}
