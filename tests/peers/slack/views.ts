import type { Block, ViewView } from './types.ts'
import { checkView } from './view-limits.ts'

type Fields = Record<string, unknown>

interface Refusal {
  ok: false
  error: string
  response_metadata?: { messages: string[] }
}

const TRIGGER_MS = 3_000

/** Dialogs and Home tabs, as Slack keeps them: a trigger opens one dialog, within three seconds, and no second one. */
export class Views {
  /** The dialog that a person has before them; local-slack has one for all people. */
  readonly #dialogs = new Map<string, ViewView>()
  readonly #homes = new Map<string, ViewView>()
  readonly #triggers = new Map<string, { user: string; untilMs: number; isUsed: boolean }>()
  readonly #violate: (method: string, problem: string) => void
  readonly #nowMs: () => number
  #made = 0

  constructor(nowMs: () => number, violate: (method: string, problem: string) => void) {
    this.#nowMs = nowMs
    this.#violate = violate
  }

  /** Notes the trigger of something that was brought to the bot. */
  delivered(payload: Readonly<Fields>): void {
    const user = (payload.user as { id?: string } | undefined)?.id ?? payload.user_id
    const known = this.#triggers.has(String(payload.trigger_id))
    if (typeof payload.trigger_id !== 'string' || typeof user !== 'string' || known) return
    this.#triggers.set(payload.trigger_id, { user, untilMs: this.#nowMs() + TRIGGER_MS, isUsed: false })
  }

  newTrigger(user: string): string {
    const id = `${++this.#made}.1.trigger`
    this.#triggers.set(id, { user, untilMs: this.#nowMs() + TRIGGER_MS, isUsed: false })
    return id
  }

  call(method: string, args: Readonly<Fields>): Fields | Refusal {
    const refused = this.#refusedView(method, args.view)
    if (refused) return refused
    if (method === 'views.publish') {
      const view = this.#instance(args.view as Fields)
      this.#homes.set(String(args.user_id), view)
      return { ok: true, view }
    }
    const trigger = this.#triggers.get(String(args.trigger_id))
    if (!trigger) return { ok: false, error: 'invalid_trigger_id' }
    if (trigger.isUsed) return { ok: false, error: 'exchanged_trigger_id' }
    if (this.#nowMs() > trigger.untilMs) return { ok: false, error: 'expired_trigger_id' }
    trigger.isUsed = true
    const view = this.#instance(args.view as Fields)
    this.#dialogs.set(trigger.user, view)
    return { ok: true, view }
  }

  dialog(user: string): ViewView | undefined {
    return this.#dialogs.get(user)
  }

  home(user: string): ViewView | undefined {
    return this.#homes.get(user)
  }

  close(user: string): void {
    this.#dialogs.delete(user)
  }

  /** What Slack makes of the dialog by what the bot answered. */
  answered(user: string, answer: Fields | undefined): Readonly<Record<string, string>> {
    if (answer?.response_action === 'errors') return this.#errors(user, answer.errors as Record<string, string>)
    if (answer?.response_action === 'update') {
      if (!this.#refusedView('response_action', answer.view))
        this.#dialogs.set(user, this.#instance(answer.view as Fields))
    } else this.close(user)
    return {}
  }

  /** Slack closes the dialog with a complaint when it is told of errors in blocks that are no inputs. */
  #errors(user: string, errors: Record<string, string>): Record<string, string> {
    const inputs = (this.#dialogs.get(user)?.blocks ?? []).filter(({ type }) => type === 'input')
    const known = new Set(inputs.map(({ block_id }) => block_id))
    for (const blockId of Object.keys(errors)) {
      if (!known.has(blockId)) this.#violate('response_action', `an error for ${blockId}, which is no input here`)
    }
    if (Object.keys(errors).length === 0) this.#violate('response_action', 'errors without any')
    return errors
  }

  #refusedView(method: string, view: unknown): Refusal | undefined {
    const messages: string[] = []
    const violate = (problem: string): void => this.#violate(method, problem)
    checkView(view, { refuse: (problem) => messages.push(problem), violate })
    messages.forEach(violate)
    return messages.length > 0 ? { ok: false, error: 'invalid_arguments', response_metadata: { messages } } : undefined
  }

  #instance(view: Fields): ViewView {
    this.#made++
    const { title, submit } = view as { title?: { text: string }; submit?: { text: string } }
    return {
      id: `V0PEER${this.#made}`,
      hash: `${this.#made}.abc`,
      callbackId: view.callback_id as string | undefined,
      privateMetadata: (view.private_metadata as string | undefined) ?? '',
      title: title?.text ?? '',
      submit: submit?.text,
      tellsOnClose: view.notify_on_close === true,
      blocks: view.blocks as Block[],
    }
  }
}
