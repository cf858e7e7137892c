import type { Channel } from '#bots/channel.ts'
import { createSlackChannel } from '#bots/slack/bot.ts'
import { createHandle } from '#commands/dispatch.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { attachIdentity } from '#core/accounts/identities.ts'
import { receive } from '#core/chat/inbox.ts'
import { createFormDesk } from '#core/forms/desk.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { startWork } from '#core/work.ts'
import type { Dialect } from '#db/db.ts'
import { type SlackPeer, startSlackPeer } from '#tests/peers/slack/index.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import type { Mode } from './harness.ts'

/** The whole program with Slack alone: commands, core, workers, and people in a workspace. */
export interface Whole {
  world: World
  peer: SlackPeer
  channel: Channel
  /** The account of somebody who is known here from the start: `U0ANN` is ann. */
  accountId(user: string): string
  end(): Promise<void>
}

const PEOPLE = ['ann', 'ben', 'eve'] as const
/** Not known here. */
const STRANGERS = new Set<string>(['eve'])

export async function createWhole(dialect: Dialect, mode: Mode = 'socket'): Promise<Whole> {
  const peer = await startSlackPeer({
    mode,
    users: PEOPLE.map((name) => ({ id: idOf(name), name })),
    channels: [{ id: 'C0TEAM', name: 'team' }],
  })
  const world = await createWorld(dialect)
  const { core } = world
  await seedShipped(core)
  const accounts = new Map<string, string>()
  for (const name of PEOPLE) {
    if (STRANGERS.has(name)) continue
    const account = await createAccountByOperator(core, { handle: name, admin: name === 'ann' })
    const identity = { channel: 'slack', externalId: `T0PEER:${idOf(name)}`, name } as const
    await core.db.write((tx) => attachIdentity(tx, account.id, identity, core.clock.nowMs()))
    accounts.set(idOf(name), account.id)
  }
  const { log, clock } = core
  const channel = createSlackChannel({ ...peer.secrets, mode, apiUrl: peer.apiUrl, log, clock })
  const senders = new Map([[channel.name, channel]])
  await startWork(core, { handle: createHandle(core, senders), senders })
  const { webhook } = channel
  if (webhook) peer.deliverTo((request) => webhook(request))
  await channel.start(async (incoming) => void (await receive(core, incoming)), { forms: createFormDesk(core) })
  return {
    world,
    peer,
    channel,
    accountId: (user) => accounts.get(user) ?? '',
    async end() {
      await channel.stop()
      await core.queue.stop(2_000)
      await world.end()
      await peer.stop()
    },
  }
}

const idOf = (name: string): string => `U0${name.toUpperCase()}`
