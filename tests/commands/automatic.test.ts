import { afterEach, describe, expect, it } from 'vitest'
import { createRule } from '#core/rules/save.ts'
import { sendTest } from '#core/triggers/replay.ts'
import { createTrigger } from '#core/triggers/save.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Chat, createChat, type Voice } from './chat.ts'

describe.each(DIALECTS)('triggers and rules from chat on %s', (dialect) => {
  let chat: Chat
  let ada: Voice
  afterEach(async () => {
    expect(chat.world.errors).toEqual([])
    await chat.end()
  })
  const begin = async () => {
    chat = await createChat(dialect)
    ada = await chat.known('ada')
    const [account] = await query(chat.core.db, (q) => q.selectFrom('account').selectAll().where('handle', '=', 'ada'))
    const id = account?.id ?? ''
    const context = { type: 'user', id } as const
    return { accountId: id, handle: 'ada', platformRole: 'user', channel: 'telegram', context } as const
  }
  /** Presses a button of the answer to a line, and gives what that says. */
  const press = async (line: string, label: string): Promise<string> => {
    const [message] = await ada.sayFully(line)
    if (!message) throw new Error('Nothing was answered')
    return (await ada.press(message, label)).map(({ text }) => text).join('\n')
  }
  const triggers = () => query(chat.core.db, (q) => q.selectFrom('webhook_trigger').selectAll())
  const deliveries = () => query(chat.core.db, (q) => q.selectFrom('trigger_delivery').selectAll().orderBy('id'))

  it('are listed, tested, paused and replayed by buttons alone', async () => {
    const actor = await begin()
    expect(await ada.say('/triggers')).toContain('Nothing from outside starts anything for Personal.')
    const { id } = await createTrigger(chat.core, actor, {
      name: 'Door bell',
      jobId: 'text.template',
      scheme: 'bearer',
      mapping: { template: { value: 'Ding {{ who }}' }, data: { body: '' } },
      example: { body: { who: 'Eve' } },
      budgetUsd: '1',
    })
    const list = await ada.say('/triggers')
    expect(list).toContain('Door bell · starts text.template · bearer secret')
    expect(list).toContain(`/hooks/${id}`)
    expect(list).toContain('$0.00 of $1.00 used · nothing came yet')
    expect(await press('/triggers', 'Test')).toContain('"who": "Eve"')
    expect(await deliveries()).toEqual([])
    expect(await press('/triggers', 'Pause')).toContain('Paused.')
    expect(await triggers()).toMatchObject([{ status: 'paused' }])
    expect(await press('/triggers', 'Resume')).toContain('It goes on.')
    await sendTest(chat.core, actor, { id, request: { body: { who: 'Eve' } } })
    await eventually(async () => expect((await deliveries())[0]?.status).toBe('started'))
    expect(await ada.say('/triggers "Door bell"')).toContain('started')
    expect(await press('/triggers "Door bell"', 'Replay')).toContain('It is handled once more')
    await eventually(async () =>
      expect((await deliveries()).map(({ status }) => status)).toEqual(['started', 'started']),
    )
    expect(await press('/triggers', 'Last deliveries')).toContain('Last deliveries · Door bell')
  })

  it('rules are listed with what they said, paused and removed', async () => {
    const actor = await begin()
    expect(await ada.say('/rules')).toContain('No command is said by itself for Personal.')
    await createRule(chat.core, actor, { command: '/whoami', on: { types: ['bell.*'] }, name: 'Bell' })
    expect(await ada.say('/rules')).toContain('Bell · on bell.*')
    for (const [label, said] of [
      ['What it said', 'Bell has said nothing yet.'],
      ['Pause', 'Paused.'],
      ['Resume', 'It speaks again.'],
      ['Remove', 'Removed.'],
    ] as const) {
      expect(await press('/rules', label)).toContain(said)
    }
    expect(await ada.say('/rules')).toContain('No command is said by itself')
  })
})
