import { afterEach, describe, expect, it } from 'vitest'
import { deliver } from '#core/chat/deliver.ts'
import { text } from '#core/chat/message.ts'
import { touchCard } from '#core/chat/outbox.ts'
import type { Outgoing, Sender } from '#core/chat/sender.ts'
import { type Claim, LeaseLostError } from '#db/queue/queue.ts'
import { createWorkStore } from '#db/queue/store.ts'
import { freeItem } from '#db/work-items.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const LEASE_MS = 1_000

describe.each(DIALECTS)('an edit that arrives late on %s', (dialect) => {
  let world: World
  afterEach(() => world.end())

  /** What the card is about, and what it shows on the platform. */
  let [state, shown] = ['', '']
  let beforeEdit: (() => Promise<void>) | undefined

  const wordsOf = ({ parts }: Outgoing): string => parts.map((part) => ('text' in part ? part.text : '')).join('')
  const sender: Sender = {
    name: 'web',
    pace: { editPrivateMs: 0, editSharedMs: 0 },
    isPrivate: () => true,
    async send(message) {
      shown = wordsOf(message)
      return { outcome: 'sent', messageRef: 'm1' }
    },
    async edit(messageRef, message) {
      const held = beforeEdit
      beforeEdit = undefined
      await held?.()
      shown = wordsOf(message)
      return { outcome: 'sent', messageRef }
    },
    download: async () => new Uint8Array(),
  }

  const change = (to: string): Promise<void> => {
    state = to
    return world.core.db.write(async function change(tx) {
      await touchCard(world.core, tx, { channel: 'web', conversation: 'here', cardKey: 'card', cause: 'run' })
    })
  }
  /** As one more process: takes what is due, if anything is, and delivers it. */
  async function claimed(): Promise<Claim | undefined> {
    const { db, clock, ids } = world.core
    const limits = { perContext: 1, instance: null }
    const more = { databaseUrl: world.databaseUrl, newToken: () => ids.newSecret(), onError: () => {} }
    const [claim] = await createWorkStore({ db, clock, limits, ...more }).claimDue('outbox', 1, LEASE_MS)
    return claim
  }
  const deliverOne = async (claim: Claim | undefined): Promise<void> => {
    if (!claim) throw new Error('Nothing is due')
    const render = async () => [text(state)]
    await deliver(world.core, new Map([['web', sender]]), render, claim, new AbortController().signal)
  }
  /** Its lease has run out, and somebody has noticed. */
  const lapse = (claim: Claim | undefined): Promise<number> =>
    world.core.db.write((tx) => freeItem.run(tx, { key: claim?.key ?? '', token: claim?.token ?? '' }))

  it('is followed by what the card says now', async () => {
    world = await createWorld(dialect)
    await change('one')
    await deliverOne(await claimed())
    await change('two')
    const claim = await claimed()
    beforeEdit = async () => {
      await lapse(claim)
      await change('three')
      await deliverOne(await claimed())
      expect(shown).toBe('three')
    }
    await expect(deliverOne(claim)).rejects.toThrow(LeaseLostError)
    expect(shown).toBe('two')
    await deliverOne(await claimed())
    expect(shown).toBe('three')
    expect(await claimed()).toBeUndefined()
    expect(world.errors).toEqual([])
  })
})
