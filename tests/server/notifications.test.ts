import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attachIdentity } from '#core/accounts/identities.ts'
import { personal } from '#core/context.ts'
import { type News, notify } from '#core/notifications/notify.ts'
import { markUndelivered } from '#db/outbox.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Api, createApi, type Person } from './api.ts'

describe.each(DIALECTS)('notifications over HTTP, on %s', (dialect) => {
  let api: Api
  let ada: Person
  let bob: Person
  beforeAll(async () => {
    api = await createApi(dialect)
    ;[ada, bob] = [await api.person('ada'), await api.person('bob')]
    const identity = { channel: 'telegram', externalId: 'ada', name: 'ada', privateConversation: 'private-ada' }
    await api.core.db.write((tx) => attachIdentity(tx, ada.accountId, identity, 0))
  })
  afterAll(async () => {
    await api.end()
    expect(api.errors).toEqual([])
  })
  const tell = (who: Person, text: string, more: Partial<News> = {}): Promise<void> => {
    const { accountId } = who
    const news = { accountId, context: personal(accountId), type: 'schedule_missed', cause: 'sch_1', text } as const
    return api.core.db.write((tx) => notify(api.core, tx, { ...news, ...more }))
  }
  const list = async (who: Person, search = '') => (await api.call(who, 'GET', `/v1/notifications${search}`)).body
  const texts = (page: { items: { text: string }[] }): string[] => page.items.map(({ text }) => text)

  it('are listed newest first, page by page, each person’s own', async () => {
    for (const text of ['One', 'Two', 'Three']) await tell(ada, text)
    await tell(bob, 'Other')
    const first = await list(ada, '?limit=2')
    expect([texts(first), first.unread]).toEqual([['Three', 'Two'], 3])
    const second = await list(ada, `?limit=2&cursor=${first.nextCursor}`)
    expect([texts(second), second.nextCursor]).toEqual([['One'], null])
    expect(second.items[0]).toMatchObject({
      id: expect.stringMatching(/^ntf_/),
      type: 'schedule_missed',
      title: 'Schedules that missed, stopped or ended',
      priority: 'normal',
      context: { type: 'user', id: ada.accountId },
      subject: 'sch_1',
      readAt: null,
      status: 'out',
      waitsUntil: null,
    })
    expect(texts(await list(ada, '?type=budget'))).toEqual([])
    for (const search of ['?cursor=ntf_1', '?unread=maybe', '?type=weather', '?limit=0', '?more=1']) {
      expect((await api.call(ada, 'GET', `/v1/notifications${search}`)).status, search).toBe(400)
    }
  })

  it('are read one by one, up to one, or all, and nobody reads another’s', async () => {
    const [newest, middle] = (await list(ada)).items
    const read = await api.call(ada, 'POST', `/v1/notifications/${middle.id}/read`)
    expect([read.status, read.body.readAt === null]).toEqual([200, false])
    expect((await api.call(ada, 'POST', `/v1/notifications/${middle.id}/read`)).body).toEqual(read.body)
    expect(texts(await list(ada, '?unread=true'))).toEqual(['Three', 'One'])
    expect(texts(await list(ada, '?unread=false'))).toEqual(['Three', 'Two', 'One'])
    expect((await api.call(bob, 'POST', `/v1/notifications/${newest.id}/read`)).status).toBe(404)
    const upTo = (who: Person, json: object) => api.call(who, 'POST', '/v1/notifications/read', { json })
    expect((await upTo(bob, { upToId: newest.id })).status).toBe(404)
    expect((await upTo(bob, { until: newest.id })).status).toBe(400)
    expect((await upTo(ada, { upToId: middle.id })).body).toEqual({ read: 1 })
    expect(texts(await list(ada, '?unread=true'))).toEqual(['Three'])
    expect((await upTo(ada, {})).body).toEqual({ read: 1 })
    expect((await upTo(ada, {})).body).toEqual({ read: 0 })
    expect((await list(bob)).unread).toBe(1)
  })

  it('say what became of them on each channel', async () => {
    await api.call(ada, 'PUT', '/v1/preferences', { json: { notifications: { channels: ['telegram', 'web'] } } })
    await tell(ada, 'Both')
    const rows = await query(api.core.db, (q) =>
      q.selectFrom('outbox').select('seq').where('conversation', '=', 'private-ada').orderBy('seq', 'desc').limit(1),
    )
    const deliveries = async () => {
      const [{ text, deliveries }] = (await list(ada)).items
      expect(text).toBe('Both')
      return deliveries
    }
    await eventually(async () =>
      expect(await deliveries()).toEqual([
        { channel: 'telegram', status: 'sending', deliveredAt: null, error: null },
        { channel: 'web', status: 'delivered', deliveredAt: expect.any(String), error: null },
      ]),
    )
    const error = 'Forbidden: bot was blocked by the user'
    await api.core.db.write((tx) => markUndelivered.run(tx, { seq: rows[0]?.seq ?? 0, error }))
    expect((await deliveries())[0]).toEqual({ channel: 'telegram', status: 'undelivered', deliveredAt: null, error })
  })

  it('are as each person prefers: what is left out stays, and what cannot be is refused by its path', async () => {
    const put = (notifications: object) => api.call(bob, 'PUT', '/v1/preferences', { json: { notifications } })
    const usual = { deliver: null, channels: null }
    expect((await api.call(bob, 'GET', '/v1/preferences')).body.notifications).toMatchObject({
      channels: null,
      quietHours: null,
      digestAt: null,
      types: { run_ended: usual, review_asked: usual },
    })
    await put({ quietHours: { from: '22:00', to: '07:00' }, digestAt: '08:00' })
    const changed = await put({ types: { run_ended: { deliver: 'off' } } })
    expect(changed.body.notifications).toMatchObject({
      quietHours: { from: '22:00', to: '07:00' },
      digestAt: '08:00',
      types: { run_ended: { deliver: 'off', channels: null } },
    })
    expect((await put(changed.body.notifications)).body).toEqual(changed.body)
    const wrong = await put({ quietHours: { from: '22:00', to: 'late' }, types: { budget: { sound: true } } })
    expect([wrong.status, wrong.body.errors.map(({ path }: { path: string }) => path)]).toEqual([
      400,
      ['notifications.quietHours.to', 'notifications.types.budget.sound'],
    ])
    const channel = await put({ channels: ['slack'] })
    expect([channel.status, channel.body.errors[0].path]).toEqual([400, 'notifications.channels.0'])
    expect((await api.call(bob, 'GET', '/v1/preferences')).body).toEqual(changed.body)
  })

  it('two changes at once both hold', async () => {
    const zoe = await api.person('zoe')
    const put = (notifications: object) => api.call(zoe, 'PUT', '/v1/preferences', { json: { notifications } })
    const types = ['run_ended', 'budget', 'low_balance', 'role_changed', 'review_decided']
    await Promise.all(types.map((type) => put({ types: { [type]: { deliver: 'off' } } })))
    const { notifications } = (await api.call(zoe, 'GET', '/v1/preferences')).body
    expect(types.filter((type) => notifications.types[type].deliver !== 'off')).toEqual([])
  })
})
