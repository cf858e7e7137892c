import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { obeyFor } from '#commands/dispatch/run-command.ts'
import { createHandle } from '#commands/dispatch.ts'
import { COMMANDS } from '#commands/index.ts'
import { howToGetIn } from '#commands/start.ts'
import type { Incoming } from '#core/chat/message.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import { AppError } from '#core/errors.ts'
import { type Api, createApi, type Person } from './api.ts'
import { LINES, type Outcome } from './rights-of-commands.ts'
import { type Asking, createScene, isAsking, ROLES, type Scene } from './rights-scene.ts'

const ASKING = ROLES.filter(isAsking)
const IN_TEAM = new Set<Asking>(['viewer', 'member', 'admin', 'owner'])

// Who may what is decided in the operations, which are tested on both databases: here the one that is quicker will do.
describe('who may do what by which command', () => {
  let api: Api
  let people: Scene['people']
  let spare: Person
  beforeAll(async () => {
    api = await createApi('sqlite')
    const made = ASKING.map(
      async (handle) => [handle, await api.person(handle, { admin: handle === 'platform' })] as const,
    )
    people = Object.fromEntries(await Promise.all(made)) as Scene['people']
    spare = await api.person('spare')
  })
  afterAll(() => api.end())

  let deliveries = 0
  const incoming = (from: Person | undefined, text: string, conversation: string): Incoming => ({
    channel: 'telegram',
    deliveryId: `rights${++deliveries}`,
    conversation,
    isPrivate: false,
    sender: { externalId: from?.accountId ?? 'unknown', name: 'x' },
    text,
    isAddressed: true,
    files: [],
    atMs: api.core.clock.nowMs(),
  })

  /** What becomes of a line, with refusals as they are thrown. */
  async function outcome(scene: Scene, role: Asking, line: string, conversation: string): Promise<Outcome> {
    const person = people[role]
    const requestKey = `rights:${deliveries}`
    const explicit = IN_TEAM.has(role) ? `team/${scene.teamId}` : 'personal'
    try {
      const message = {
        core: api.core,
        incoming: incoming(person, line, conversation),
        requestKey,
        download: () => Promise.reject(new Error('There is no file')),
        startLinks: () => [],
      }
      const sender = await actorFor(api.core, {
        accountId: person.accountId,
        channel: 'telegram',
        explicit,
        requestKey,
      })
      await obeyFor(message)(line, undefined, sender)
      return 'ok'
    } catch (error) {
      if (error instanceof AppError) return error.code
      throw error
    }
  }

  it.each(LINES.map(({ name }) => name))('/%s', async (name) => {
    const command = LINES.find((one) => one.name === name)
    const outcomes: Partial<Record<Asking, Outcome>> = {}
    for (const role of ASKING) {
      const scene = await createScene(api, people, spare)
      const conversation = `group-${api.core.ids.newSecret()}`
      if (command?.before) await outcome(scene, 'owner', command.before(scene), conversation)
      outcomes[role] = await outcome(scene, role, (await command?.line(scene)) ?? '', conversation)
    }
    expect(outcomes).toEqual(command?.expected)
  })

  it('was asked of every command there is, and of no other', () => {
    expect(LINES.map(({ name }) => name).toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted())
  })

  it('lets those whom nobody knows do nothing but get in', async () => {
    const handle = createHandle(api.core, new Map())
    for (const { name, access } of COMMANDS) {
      if (access === 'stranger') continue
      const { replies } = await handle(incoming(undefined, `/${name}`, 'group-unknown'), `unknown:${name}`)
      expect(replies, name).toEqual([howToGetIn()])
    }
  })

  it('leaves no error behind', () => {
    expect(api.errors).toEqual([])
  })
})
