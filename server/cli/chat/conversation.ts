import type { Account } from '#core/accounts/account.ts'
import type { Button, FormPart, IncomingFile } from '#core/chat/message.ts'
import { type Said, sayOnWeb, type WebMessage, webChanges, webConversation, webHistory } from '#core/chat/web.ts'
import type { Core } from '#core/core.ts'
import { countUnanswered, listLiveRunsIn } from '../statements.ts'
import { isMoving, untilDefined } from '../waiting.ts'

const HISTORY = 200

/** A person's web conversation, held at a prompt: the same one that the console shows. */
export class Conversation {
  readonly id: string
  readonly #core: Core
  readonly #account: Account
  /** Messages that were said here, so that nobody is told their own words. */
  readonly #said = new Set<string>()
  #saying: Promise<unknown> = Promise.resolve()
  #position = 0

  constructor(core: Core, account: Account) {
    this.id = webConversation(account.id)
    this.#core = core
    this.#account = account
  }

  /** From here on; what was there before is not told again. */
  async begin(): Promise<void> {
    const { items } = await webHistory(this.#core.db, this.id, { limit: HISTORY })
    this.#position = Math.max(0, ...items.map(({ seq }) => seq))
  }

  say(text: string, files: IncomingFile[] = []): Promise<void> {
    return this.#say({ text, files })
  }

  /** A card's buttons carry their command itself, those of other messages a token for it. */
  press({ label, token, command }: Button): Promise<void> {
    if (token !== undefined) return this.#say({ text: label, files: [], button: token })
    return this.#say({ text: command ?? label, files: [] })
  }

  /** Sends a form; what is in it has been kept. */
  sendForm({ formId, submitLabel }: FormPart): Promise<void> {
    return this.#say({ text: submitLabel, files: [], form: { formId, values: {} } })
  }

  /** What is new or changed since the last time, oldest first, without what was said here. */
  async changes(): Promise<WebMessage[]> {
    const changes = await webChanges(this.#core.db, this.id, this.#position)
    if (changes.length === 0) return []
    // A message can be read back before the one who said it knows its id.
    await this.#saying
    this.#position = Math.max(this.#position, ...changes.map(({ seq }) => seq))
    return changes.filter(({ id }) => !this.#said.has(id))
  }

  /** Shows changes as they come, until aborted. */
  async follow(show: (message: WebMessage) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const changes = await untilDefined(this.#core.db, async () => listOrNothing(await this.changes()), signal)
      for (const change of changes ?? []) show(change)
    }
  }

  /** Everything said is handled and every answer delivered. */
  async isAnswered(): Promise<boolean> {
    const waiting = await countUnanswered.first(this.#core.db, { channel: 'web', conversation: this.id })
    return Number(waiting?.incoming) === 0 && Number(waiting?.outgoing) === 0
  }

  /** Besides, nothing that was started here goes on by itself. */
  async isSettled(): Promise<boolean> {
    // In this order: a message that is handled has written its runs, a run that has ended has written its result.
    if (!(await this.isAnswered()) || (await this.hasMovingRuns())) return false
    return this.isAnswered()
  }

  async hasMovingRuns(): Promise<boolean> {
    const { db } = this.#core
    const live = await listLiveRunsIn.all(db, { channel: 'web', conversation: this.id })
    const moving = await Promise.all(live.map(({ id }) => isMoving(db, id)))
    return moving.includes(true)
  }

  async #say(what: {
    text: string
    files: IncomingFile[]
    button?: string
    form?: NonNullable<Said['form']>
  }): Promise<void> {
    const { id, displayName } = this.#account
    const deliveryId = `${id}/${this.#core.ids.newSecret()}`
    const saying = sayOnWeb(this.#core, { accountId: id, name: displayName, deliveryId, ...what })
    this.#saying = saying.catch(() => {})
    this.#said.add((await saying).message.id)
  }
}

const listOrNothing = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined)
