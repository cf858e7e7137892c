import type { ModalView } from '@slack/types'
import type { FormPart, Incoming } from '#core/chat/message.ts'
import type { FilledIn, FormDesk, FormPerson } from '#core/chat/sender.ts'
import { externalIdOf } from '../address.ts'
import { shortened } from '../buttons.ts'
import { type Bot, deliveryIdOf, fromClosing, fromSubmission } from '../incoming.ts'
import type { ViewBody } from '../payloads.ts'
import { blockIdOf } from './field.ts'
import { nextPage } from './next-page.ts'
import { type Origin, readOrigin } from './origin.ts'
import { filledIn, shownIn } from './values.ts'
import { formModal } from './view.ts'

/** What Slack makes of the dialog then. */
export type ViewAnswer =
  | { response_action: 'errors'; errors: Record<string, string> }
  | { response_action: 'update'; view: ModalView }
  | { response_action: 'clear' }

const ERROR_MAX = 300
const REMEMBERED_MAX = 1_000
const OVER = 'This form is over: it was sent already, called off, or left for more than a day. Nothing was sent now.'

/** Takes what people put into dialogs to the desk where forms are kept, and says how the dialog goes on. */
export class Dialogs {
  #desk: FormDesk | undefined
  /** What has been stored: whoever presses again because the answer got lost sees the dialog close. */
  readonly #sent = new Set<string>()

  open(desk: FormDesk | undefined): void {
    this.#desk = desk
  }

  /**
   * A page was sent. `take` stores an update and resolves when it is stored; the dialog closes after that alone. Undefined
   * for dialogs that are none of ours.
   */
  async submitted(
    body: ViewBody,
    bot: Bot,
    nowMs: number,
    take: (incoming: Incoming) => Promise<void>,
  ): Promise<ViewAnswer | undefined> {
    const origin = readOrigin(body.view.private_metadata)
    if (!origin) return undefined
    const incoming = fromSubmission(body, origin, bot, nowMs)
    if (this.#sent.has(incoming.deliveryId)) return { response_action: 'clear' }
    const kept = await this.#keep(body, origin, bot)
    if (!kept) return over(body)
    const answer = answerTo(kept, origin)
    if (answer) return answer
    await take(incoming)
    this.#remember(incoming.deliveryId)
    return { response_action: 'clear' }
  }

  /**
   * Somebody closed the dialog: what Slack tells of it is kept, and a form in which there is something is shown as its card,
   * whose button brings the dialog back. One that was not touched leaves nothing behind.
   */
  async closed(body: ViewBody, bot: Bot, nowMs: number, take: (incoming: Incoming) => Promise<void>): Promise<void> {
    const origin = readOrigin(body.view.private_metadata)
    if (!origin || !this.#desk || this.#sent.has(deliveryIdOf(body))) return
    const person = personOf(body, bot)
    const form = await this.#desk.find(origin.formId, person)
    const given = form && withoutEmpty(filledIn(form, body.view.state ?? {}))
    const kept = given ? await this.#desk.fill(origin.formId, person, given) : form && { form }
    const isTouched = kept?.form.fields.some(({ value }) => value !== undefined)
    if (isTouched) await take(fromClosing(body, origin, bot, nowMs))
  }

  async #keep(body: ViewBody, { formId }: Origin, bot: Bot): Promise<Kept | undefined> {
    if (!this.#desk) throw new Error('There is nobody to take forms')
    const person = personOf(body, bot)
    const state = body.view.state ?? {}
    const before = await this.#desk.find(formId, person)
    const filled = before && (await this.#desk.fill(formId, person, filledIn(before, state)))
    return (
      before && filled && { before, now: filled.form, isComplete: filled.isComplete, shown: shownIn(before, state) }
    )
  }

  #remember(deliveryId: string): void {
    if (this.#sent.size >= REMEMBERED_MAX) this.#sent.clear()
    this.#sent.add(deliveryId)
  }
}

interface Kept {
  before: FormPart
  now: FormPart
  isComplete: boolean
  shown: string[]
}

/** Undefined when the form may be sent. */
function answerTo({ before, now, isComplete, shown }: Kept, origin: Origin): ViewAnswer | undefined {
  const wrong = now.fields.filter(({ name, problem }) => problem !== undefined && shown.includes(name))
  if (wrong.length > 0) return errors(wrong.map((field) => [blockIdOf(field), field.problem ?? '']))
  const page = nextPage(before, now, shown)
  if (page !== undefined) return { response_action: 'update', view: formModal(now, page, origin) }
  if (isComplete) return undefined
  // Nothing is missing or wrong by itself, and yet it may not be sent: that can only be said under a field that is there.
  const [name] = shown
  return name === undefined ? undefined : errors([[blockIdOf({ name }), 'The form cannot be sent like this.']])
}

/** The dialog stays as it is, so that nothing typed is lost. */
function over({ view }: ViewBody): ViewAnswer {
  const [blockId] = Object.keys(view.state?.values ?? {})
  return blockId === undefined ? { response_action: 'clear' } : errors([[blockId, OVER]])
}

const errors = (wrong: [string, string][]): ViewAnswer => ({
  response_action: 'errors',
  errors: Object.fromEntries(wrong.map(([blockId, problem]) => [blockId, shortened(problem, ERROR_MAX)])),
})

const personOf = ({ user }: ViewBody, { teamId }: Bot): FormPerson => ({
  channel: 'slack',
  externalId: externalIdOf(teamId, user.id),
})

/** Closing takes nothing back: what is empty was perhaps never told. */
function withoutEmpty({ values, files = {} }: FilledIn): FilledIn | undefined {
  const given = Object.entries(values).filter(([, value]) => value !== null)
  if (given.length === 0 && Object.keys(files).length === 0) return undefined
  return { values: Object.fromEntries(given), files }
}
