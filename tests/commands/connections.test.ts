import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConnection } from '#core/connections/save.ts'
import { personal } from '#core/context.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type Chat, createChat } from './chat.ts'

describe.each(DIALECTS)('/connections on %s', (dialect) => {
  let chat: Chat
  beforeAll(async () => {
    chat = await createChat(dialect, { settings: { publicUrl: 'https://muster.example' } })
  })
  afterAll(async () => {
    expect(chat.world.errors).toEqual([])
    await chat.end()
  })

  it('names what is connected, leads to the console, and never says a key', async () => {
    const ada = await chat.known('ada')
    const [none] = await ada.sayFully('/connections')
    expect(none?.text).toContain('has no connections. Keys are entered, tested and changed in the console')
    const { id, handle, platformRole } = await ada.account()
    const actor = { accountId: id, handle, platformRole, channel: 'telegram', context: personal(id) } as const
    const secret = 'CANARY-0123456789-abcd'
    await createConnection(chat.core, actor, { name: 'crm', provider: 'http', secret, baseUrl: 'https://crm.example' })
    await createConnection(chat.core, actor, { name: 'models', provider: 'openai', secret })
    const [some] = await ada.sayFully('/connections')
    expect(some?.text).toContain('crm · http')
    expect(some?.text).toContain('models · openai')
    expect(JSON.stringify(some)).not.toMatch(/CANARY|abcd/)
    const links = some?.parts.flatMap((part) => (part.type === 'buttons' ? part.buttons.map(({ url }) => url) : []))
    expect(links).toEqual(['https://muster.example/connections'])
    // Whatever is typed behind it is no way in.
    const [typed] = await ada.sayFully('/connections crm sk-not-here')
    expect(typed?.text).toContain('/connections')
    expect((await ada.sayFully('/connections'))[0]?.text).toBe(some?.text)
  })
})
