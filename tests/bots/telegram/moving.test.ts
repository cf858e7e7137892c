import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestCommands } from '../test-commands.ts'
import { createTelegramHarness, type TelegramHarness } from './harness.ts'

let harness: TelegramHarness

beforeEach(async () => {
  harness = await createTelegramHarness('polling', new TestCommands())
})
afterEach(() => harness.end())

describe('a group that becomes a supergroup', () => {
  it('has in its new place what waited in the old one', async () => {
    const { peer, person } = harness
    const ann = person('Ann')
    const group = peer.group({ title: 'Small team', members: [ann] })
    harness.limitNext?.(1)
    peer.sendText(group, ann, '/echo held up')
    await peer.waitForCall('sendMessage')
    const next = peer.migrateGroup(group)
    await peer.waitForMessage(next, { contains: 'held up' })
    expect(peer.messages(group).filter(({ fromBot }) => fromBot)).toEqual([])
  })

  it('has there what was sent to the old one, once and not as a duplicate', async () => {
    const { peer, person, group } = harness
    const ann = person('Ann')
    const small = peer.group({ title: 'Small team', members: [ann] })
    const description = 'Bad Request: group chat was upgraded to a supergroup chat'
    peer.failNext({ method: 'sendMessage', error: { code: 400, description, migrateToChatId: group.id } })
    peer.sendText(small, ann, '/echo on its way')
    const message = await peer.waitForMessage(group, { contains: 'on its way' })
    expect(message.text).toBe('on its way')
  })
})
