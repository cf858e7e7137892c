import type { Update } from 'grammy/types'
import type { Call } from '../call.ts'
import { ApiFail } from '../errors.ts'
import type { World } from '../world/world.ts'

interface HeldPoll {
  readonly offset: number
  readonly limit: number
  settle(answer: Update[] | ApiFail): void
}

const conflict = (words: string): ApiFail => new ApiFail(409, `Conflict: ${words}`)

/** getUpdates: one poll at a time may wait, and a later one ends it. */
export class Polling {
  #held: HeldPoll | undefined
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  get waiting(): boolean {
    return this.#held !== undefined
  }

  async getUpdates(call: Call): Promise<Update[]> {
    if (this.#world.webhook.url !== '') {
      throw conflict(
        "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      )
    }
    const offset = call.args.int('offset')
    const limit = call.args.intWithin('limit', 100, 1, 100)
    const timeout = call.args.intWithin('timeout', 0, 0, 50)
    if (call.args.int('limit', 100) !== limit) call.violate('limit is outside 1-100')
    allowUpdates(this.#world, call)
    const updates = this.#world.updates.take(offset, limit)
    if (updates.length > 0 || timeout === 0) return updates
    this.end('terminated by other getUpdates request; make sure that only one bot instance is running')
    return this.#hold(call, offset, limit, timeout)
  }

  #hold(call: Call, offset: number, limit: number, timeout: number): Promise<Update[]> {
    return new Promise((resolve, reject) => {
      const held: HeldPoll = {
        offset,
        limit,
        settle: (answer) => {
          clearTimeout(timer)
          if (this.#held === held) this.#held = undefined
          if (answer instanceof ApiFail) reject(answer)
          else resolve(answer)
        },
      }
      const timer = setTimeout(() => held.settle([]), timeout * 1000)
      call.gone.addEventListener('abort', () => held.settle([]))
      this.#held = held
    })
  }

  /** Called whenever updates may have come. Waits a turn so that what happens together arrives together. */
  wake(): void {
    setImmediate(() => {
      const held = this.#held
      if (!held) return
      const updates = this.#world.updates.take(held.offset, held.limit)
      if (updates.length > 0) held.settle(updates)
    })
  }

  end(words: string): void {
    this.#held?.settle(conflict(words))
  }
}

const known = new Set(
  (
    'message edited_message channel_post edited_channel_post business_connection business_message ' +
    'edited_business_message deleted_business_messages guest_message stopped_message_generation message_reaction ' +
    'message_reaction_count inline_query chosen_inline_result callback_query shipping_query pre_checkout_query ' +
    'purchased_paid_media poll poll_answer my_chat_member chat_member chat_join_request chat_boost ' +
    'removed_chat_boost managed_bot subscription'
  ).split(' '),
)

/** Remembered until said otherwise; an empty list, or one with nothing known in it, means the usual kinds. */
export function allowUpdates(world: World, call: Call): void {
  const given = call.args.text('allowed_updates') === '' ? undefined : parseList(call.args.text('allowed_updates'))
  if (given === undefined) return
  const kinds = given.filter((kind) => known.has(kind))
  for (const kind of given) if (!known.has(kind)) call.violate(`unknown update type "${kind}"`)
  world.updates.allowed = kinds.length > 0 ? kinds : undefined
}

function parseList(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
  } catch {
    return undefined
  }
}
