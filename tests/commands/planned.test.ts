import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { personal } from '#core/context.ts'
import { createEndpoint } from '#core/endpoints/save.ts'
import { query } from '#db/statement.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Chat, createChat, type Voice } from './chat.ts'

describe.each(DIALECTS)('planned schedules from chat on %s', (dialect) => {
  let chat: Chat
  let ada: Voice
  beforeEach(async () => {
    chat = await createChat(dialect, { clock: new ShiftedClock() })
    ada = await chat.known('ada')
    const [account] = await query(chat.core.db, (q) => q.selectFrom('account').select('id').where('handle', '=', 'ada'))
    const id = account?.id ?? ''
    const actor = { accountId: id, handle: 'ada', platformRole: 'user', channel: 'api', context: personal(id) } as const
    for (const name of ['weather', 'trains']) await createEndpoint(chat.core, actor, endpoint(name))
  })
  afterEach(async () => {
    expect(chat.world.errors).toEqual([])
    await chat.end()
  })

  it('are made in one line, listed, told, explained and stopped, without an id', async () => {
    const made = await ada.say(
      '/schedule plan "Tell me when my train is late" endpoints=trains every=15m max=6h tokens=50000',
    )
    expect(made).toContain('Tell me when my train is late · planned anew each time, usually every 15m')
    expect(made).toContain('may call trains')
    const [row] = await query(chat.core.db, (q) => q.selectFrom('plan').selectAll())
    expect(JSON.parse(row?.settings_json ?? '')).toMatchObject({
      goal: 'Tell me when my train is late',
      sources: ['trains'],
      everyMs: 900_000,
      maxMs: 21_600_000,
      tokensPerDay: 50_000,
    })
    const [list] = await ada.sayFully('/schedules')
    if (!list) throw new Error('Nothing was listed')
    expect(JSON.stringify(await ada.press(list, 'Explain'))).toContain('It has not come round yet')
    const soon = await ada.say('/hint every 20 min until tomorrow 9am')
    expect(soon).toContain('Understood.')
    expect(await ada.say('/hint The picnic is on Sunday')).toContain('It will know that when it plans.')
    // There is no model here, so it does what it can without.
    await ada.say('/runnow')
    await eventually(async () => {
      expect(await ada.say('/explainschedule')).toMatch(/trains (failed|answered)/)
    }, 60_000)
    expect(await ada.say('/unschedule')).toContain('Removed.')
  }, 120_000)

  it('may call everything there is unless it is said otherwise, and ask for what is missing', async () => {
    expect(await ada.say('/plan "Watch"')).toContain('may call trains, weather')
    expect(await ada.say('/plan "Watch" every=sometimes')).toContain('every is a length of time')
    expect(await ada.say('/plan "Watch" endpoints=nothing')).toContain('There is no endpoint nothing here.')
    await ada.say('/plan "Another" endpoints=trains')
    // Two fit: it asks which.
    expect(await ada.say('/hint every 30m')).toContain('Which one?')
    await ada.say('/plan')
    expect(await query(chat.core.db, (q) => q.selectFrom('form').select('id'))).toHaveLength(1)
  })
})

const endpoint = (name: string) => ({
  name,
  description: '',
  method: 'GET' as const,
  url: `https://${name}.invalid/v1`,
  headers: {},
  connection: null,
  bodySchema: null,
  timeoutMs: 1_000,
  maxRequestBytes: 10_000,
  maxResponseBytes: 100_000,
  fireAndForget: false,
  response: null,
})
