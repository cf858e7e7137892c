import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { personal } from '#core/context.ts'
import { createBudget } from '#core/policy/budgets/save.ts'
import { readPolicies } from '#core/policy/read.ts'
import { savePolicy } from '#core/policy/save.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type Chat, createChat } from './chat.ts'

describe.each(DIALECTS)('/policy on %s', (dialect) => {
  let chat: Chat
  beforeAll(async () => {
    chat = await createChat(dialect)
  })
  afterAll(async () => {
    expect(chat.world.errors).toEqual([])
    await chat.end()
  })

  it('shows what reigns and why, turns the mock on and off by its button, and takes a model', async () => {
    const ada = await chat.known('ada')
    const { id, handle, platformRole } = await ada.account()
    const actor = { accountId: id, handle, platformRole, channel: 'telegram', context: personal(id) } as const
    await createBudget(chat.core, actor, { of: 'job:brief', period: 'day', limitUsd: '2' })
    const [first] = await ada.sayFully('/policy')
    expect(first?.text).toContain('No provider is connected, so the mock answers.')
    expect(first?.text).toContain('The budget of job brief for a day: $0.00 of $2.00')
    if (!first) throw new Error('Nothing was said')
    const [mocked] = await ada.press(first, 'Turn the mock on')
    expect(mocked?.text).toContain('The mock is on here: it answers in place of models')
    const [off] = await ada.sayFully('/policy mock off')
    expect(off?.text).not.toContain('The mock is on here')
    const [unknown] = await ada.sayFully('/policy model openai/unheard-of')
    expect(unknown?.text).toContain('There is no price for openai/unheard-of')
    const [named] = await ada.sayFully('/policy model mock/mock-1')
    expect(named?.text).toContain('mock/mock-1 is what the policy of your personal context has as its default.')
    const document = { default: { model: 'mock/mock-1', effort: 'low', maxTokens: 300 } }
    await savePolicy(chat.core, actor, {
      document,
      version: (await readPolicies(chat.core, actor)).own.version,
      owner: 'context',
    })
    await ada.sayFully('/policy model mock/mock-1')
    expect((await readPolicies(chat.core, actor)).own.document).toEqual(document)
    const [explained] = await ada.sayFully('/policy explain brief')
    expect(explained?.text).toContain('What the job brief gets')
    const [wrong] = await ada.sayFully('/policy mock maybe')
    expect(wrong?.text).toContain('The mock is on or off')
  })
})
