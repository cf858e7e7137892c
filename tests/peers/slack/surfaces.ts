import { setTimeout as sleep } from 'node:timers/promises'
import { Deliveries } from './deliveries.ts'
import { stateOf } from './filling.ts'
import type { Gateway } from './gateway.ts'
import type { Delivery, FormFile, ViewView } from './types.ts'
import { buttonsIn, type StoredMessage } from './view.ts'

interface Facts {
  teamId: string
  port: number
  direct(user: string): Promise<string>
  message(channel: string, ts: string): Promise<StoredMessage | undefined>
}

const ANSWER_MAX_MS = 5_000

/** What people do beside messages: dialogs, the Home tab, shortcuts. local-slack has no hands for these. */
export class Surfaces {
  readonly #gateway: Gateway
  readonly #facts: Facts
  #made = 0

  constructor(gateway: Gateway, facts: Facts) {
    this.#gateway = gateway
    this.#facts = facts
  }

  /** The dialog that this person has before them. */
  dialog(user: string): ViewView | undefined {
    return this.#gateway.views.dialog(user)
  }

  async waitForDialog(user: string, title?: string): Promise<ViewView> {
    const untilMs = performance.now() + ANSWER_MAX_MS
    for (;;) {
      const view = this.dialog(user)
      if (view && (title === undefined || view.title === title)) return view
      if (performance.now() > untilMs) throw new Error(`No dialog ${title ?? ''} came up for ${user}`)
      await sleep(20)
    }
  }

  /** Sends the dialog with these values, by label; the answer is what is said to be wrong, by block. */
  async submit(
    user: string,
    given: Readonly<Record<string, string | FormFile | null>> = {},
  ): Promise<Readonly<Record<string, string>>> {
    const view = this.#dialogOf(user)
    const delivery = await this.bring(
      'interactive',
      this.#viewPayload('view_submission', user, view, stateOf(view, given)),
    )
    return this.#gateway.views.answered(user, delivery.answer)
  }

  async closeDialog(user: string, given: Readonly<Record<string, string | null>> = {}): Promise<void> {
    const view = this.#dialogOf(user)
    this.#gateway.views.close(user)
    const state = stateOf(view, given, { isChecked: false })
    if (view.tellsOnClose) await this.bring('interactive', this.#viewPayload('view_closed', user, view, state))
  }

  /** A file on its way into a dialog. */
  file(name: string, bytes: Uint8Array, mimetype = 'text/plain'): FormFile {
    const id = `F0DLG${++this.#made}`
    const path = `/files-pri/${this.#facts.teamId}-${id}/download/${name}`
    this.#gateway.formFiles.set(path, bytes)
    const url = `http://127.0.0.1:${this.#facts.port}${path}`
    return { id, name, mimetype, size: bytes.byteLength, url_private_download: url }
  }

  async openHome(user: string, tab: 'home' | 'messages' = 'home'): Promise<Delivery> {
    const event = { type: 'app_home_opened', user, channel: await this.#facts.direct(user), tab, event_ts: this.#ts() }
    const body = { ...this.#base(), type: 'event_callback', event_id: `Ev0HOME${++this.#made}`, event }
    return this.bring('events_api', body)
  }

  home(user: string): ViewView | undefined {
    return this.#gateway.views.home(user)
  }

  async pressHome(user: string, label: string): Promise<Delivery> {
    const view = this.home(user)
    const button = buttonsIn(view?.blocks ?? []).find((one) => one.label === label)
    if (!view || !button) throw new Error(`The Home tab has no button ${label}`)
    return this.bring('interactive', {
      ...this.#base(),
      type: 'block_actions',
      user: this.#person(user),
      container: { type: 'view', view_id: view.id },
      trigger_id: this.#gateway.views.newTrigger(user),
      view: { id: view.id, type: 'home', hash: view.hash, blocks: view.blocks, state: { values: {} } },
      actions: [{ type: 'button', ...button.action, action_ts: this.#ts() }],
    })
  }

  /** The shortcut in the message field, or the one beside a message. */
  async shortcut(
    user: string,
    callbackId: string,
    on?: { channel: string; ts: string; responseUrl?: string },
  ): Promise<Delivery> {
    const facts = {
      ...this.#base(),
      user: this.#person(user),
      callback_id: callbackId,
      trigger_id: this.#gateway.views.newTrigger(user),
      action_ts: this.#ts(),
    }
    if (!on) return this.bring('interactive', { ...facts, type: 'shortcut' })
    const message = await this.#facts.message(on.channel, on.ts)
    return this.bring('interactive', {
      ...facts,
      type: 'message_action',
      channel: { id: on.channel, name: on.channel },
      message_ts: on.ts,
      message,
      ...(on.responseUrl ? { response_url: on.responseUrl } : {}),
    })
  }

  /** Brings something to the bot over the road it is on; resolves when it is acknowledged or was not for five seconds. */
  async bring(kind: string, payload: Record<string, unknown>): Promise<Delivery> {
    const { deliveries, sockets } = this.#gateway
    const at = deliveries.all.length
    if (deliveries.target) {
      const { body, contentType } = Deliveries.encode({ kind, payload } as Delivery)
      await deliveries.post(body, contentType)
    } else sockets.bring(kind, payload)
    const delivery = deliveries.all[at]
    if (!delivery) throw new Error('Nothing was delivered')
    const untilMs = performance.now() + ANSWER_MAX_MS
    while (!delivery.isAcknowledged && delivery.status === undefined && performance.now() < untilMs) await sleep(5)
    return delivery
  }

  #viewPayload(type: string, user: string, view: ViewView, state: object): Record<string, unknown> {
    return {
      ...this.#base(),
      type,
      user: this.#person(user),
      ...(type === 'view_submission' ? { trigger_id: this.#gateway.views.newTrigger(user), response_urls: [] } : {}),
      ...(type === 'view_closed' ? { is_cleared: false } : {}),
      view: {
        id: view.id,
        hash: view.hash,
        type: 'modal',
        callback_id: view.callbackId,
        private_metadata: view.privateMetadata,
        blocks: view.blocks,
        state,
        root_view_id: view.id,
        previous_view_id: null,
      },
    }
  }

  #dialogOf(user: string): ViewView {
    const view = this.dialog(user)
    if (!view) throw new Error(`${user} has no dialog`)
    return view
  }

  #base() {
    const { teamId } = this.#facts
    return {
      token: 'verification-token',
      team_id: teamId,
      api_app_id: 'A0PEER',
      team: { id: teamId, domain: 'peer' },
      is_enterprise_install: false,
    }
  }

  #person(user: string) {
    const name = user.replace(/^U0/, '').toLowerCase()
    return { id: user, username: name, name, team_id: this.#facts.teamId }
  }

  #ts(): string {
    return `${1_795_170_000 + ++this.#made}.000100`
  }
}
