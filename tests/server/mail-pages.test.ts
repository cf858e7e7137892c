import type { Hono } from 'hono'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiKey } from '#core/accounts/api-keys.ts'
import { getPreferences, updatePreferences } from '#core/accounts/preferences.ts'
import { personal } from '#core/context.ts'
import { notify } from '#core/notifications/notify.ts'
import type { NotificationType } from '#core/notifications/types.ts'
import { query } from '#db/statement.ts'
import { createApp } from '#server/app.ts'
import { readConfig } from '#server/config.ts'
import type { Env } from '#server/env.ts'
import { createMailScene, type Got, type MailScene } from '#tests/bots/email/scene.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

describe.each(DIALECTS)('the pages that links in mails open, on %s', { timeout: 60_000 }, (dialect) => {
  let scene: MailScene
  let app: Hono<Env>
  let ann: Awaited<ReturnType<MailScene['person']>>
  let bob: Awaited<ReturnType<MailScene['person']>>

  beforeAll(async () => {
    scene = await createMailScene(dialect)
    const { core } = scene.world
    const log = pino({ level: 'error' }, { write: (line: string) => void scene.world.errors.push(JSON.parse(line)) })
    app = createApp({
      core,
      config: readConfig({ DATABASE_URL: scene.world.databaseUrl }),
      log,
      channels: [scene.email],
    })
    ann = await scene.person('ann', { admin: true })
    bob = await scene.person('bob')
  })
  afterAll(async () => {
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })

  async function ask(method: string, url: string, init: RequestInit = {}) {
    const { pathname, search } = new URL(url, 'http://muster.test')
    const response = await app.request(pathname + search, { method, ...init })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  const keyOf = async (accountId: string): Promise<RequestInit> => {
    const { key } = await createApiKey(scene.world.core, accountId, { name: 'x', scopes: [], expiresAtMs: null })
    return { headers: { Authorization: `Bearer ${key}` } }
  }
  /** Everything that is stored, as text. */
  async function stored(tables: readonly ('outbox' | 'inbox' | 'mail_question' | 'mail_message' | 'event')[]) {
    const rows = await Promise.all(
      tables.map((table) => query(scene.world.core.db, (q) => q.selectFrom(table).selectAll())),
    )
    return JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  }

  describe('a mail that did not prove who wrote it', () => {
    const linkIn = (mail: Got): string =>
      /http\S+\/webhooks\/email\/confirm\?code=[\w-]{22}/.exec(mail.text ?? '')?.[0] ?? ''
    async function asked(subject = '/whoami', text = ''): Promise<string> {
      const before = (await ann.got()).length
      await ann.write({ subject, text }, { isSigned: false })
      const link = linkIn(await ann.gets(/does not prove that it was you/, before))
      expect(link).not.toBe('')
      return link
    }
    const done = async () => (await scene.events('mail.confirmed')).length

    it('is shown by opening the link, which changes nothing, and done by the button, once', async () => {
      const link = await asked('run docs.lint', '# <script>alert(1)</script>')
      const before = { mails: (await ann.got()).length, done: await done() }
      for (const method of ['GET', 'HEAD', 'GET']) expect((await ask(method, link)).status).toBe(200)
      const page = await ask('GET', link)
      expect(page.text).toContain('run docs.lint')
      expect(page.text).toContain('&lt;script&gt;')
      expect(page.text).not.toContain('<script>')
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(page.headers.get('cache-control')).toBe('no-store')
      expect(page.headers.get('referrer-policy')).toBe('no-referrer')
      expect({ mails: (await ann.got()).length, done: await done() }).toEqual(before)
      expect((await ask('POST', link)).status).toBe(200)
      await ann.gets(/Inline HTML: Element: script/, before.mails)
      const again = await ask('POST', link)
      expect([again.status, again.text]).toEqual([404, expect.stringContaining('was used')])
      expect((await ask('GET', link)).status).toBe(404)
      expect(await done()).toBe(before.done + 1)
    })

    it('is done once by two presses at the same moment', async () => {
      const link = await asked()
      const before = await done()
      const statuses = (await Promise.all([1, 2, 3].map(() => ask('POST', link)))).map(({ status }) => status)
      expect(statuses.sort()).toEqual([200, 404, 404])
      expect(await done()).toBe(before + 1)
    })

    it('is done as whoever wrote it, whoever presses', async () => {
      const link = await asked()
      const before = { ann: (await ann.got()).length, bob: (await bob.got()).length }
      // Whoever has the link reads Ann's mail: what they are signed in as makes no difference.
      expect((await ask('POST', link, await keyOf(bob.actor.accountId))).status).toBe(200)
      await ann.gets(/Handle: @ann/, before.ann)
      expect(await bob.got()).toHaveLength(before.bob)
    })

    it('is over after an hour', async () => {
      const link = await asked()
      scene.clock.advance(HOUR_MS)
      const before = await done()
      for (const method of ['GET', 'POST']) expect((await ask(method, link)).status).toBe(404)
      expect(await done()).toBe(before)
    })

    it('a link that was changed opens nothing', async () => {
      const link = await asked()
      const before = await done()
      const code = link.slice(-22)
      for (const other of [code.slice(1), `${code}x`, code.split('').reverse().join(''), '', '../../x'])
        expect((await ask('POST', `/webhooks/email/confirm?code=${other}`)).status, other).toBe(404)
      for (const method of ['PUT', 'DELETE', 'PATCH'])
        expect((await ask(method, link)).status).toBeGreaterThanOrEqual(404)
      expect(await done()).toBe(before)
    })

    it('its code stands in no row, before and after', async () => {
      const link = await asked()
      const code = link.slice(-22)
      expect(await stored(['outbox', 'inbox', 'mail_question', 'mail_message', 'event'])).not.toContain(code)
      await ask('POST', link)
      expect(await stored(['outbox', 'inbox', 'mail_question', 'mail_message', 'event'])).not.toContain(code)
    })
  })

  describe('news that somebody does not want by mail', () => {
    const tell = (type: NotificationType, text: string, accountId = ann.actor.accountId) =>
      scene.world.core.db.write((tx) =>
        notify(scene.world.core, tx, { accountId, type, context: personal(accountId), cause: 'x', text }),
      )
    const headerIn = (mail: Got, name: string): string =>
      (new RegExp(`^${name}:((?:.*\\r\\n[ \\t])*.*)\\r$`, 'mi').exec(mail.raw.split('\r\n\r\n')[0] ?? '')?.[1] ?? '')
        .replaceAll(/\r\n[ \t]/g, '')
        .trim()
    async function told(type: NotificationType, text: string): Promise<string> {
      const before = (await ann.got()).length
      await tell(type, text)
      const mail = await ann.gets(new RegExp(text), before)
      expect(headerIn(mail, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click')
      const link = headerIn(mail, 'List-Unsubscribe').replace(/^<(.*)>$/, '$1')
      expect(mail.text).toContain(link)
      return link
    }
    const channelsOf = async (type: NotificationType) =>
      (await getPreferences(scene.world.core, ann.actor)).notifications.types[type].channels
    const oneClick: RequestInit = {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    }

    it('opening the link changes nothing; posting to it, without signing in, ends that type and no other', async () => {
      const link = await told('schedule_missed', 'Notes were missed.')
      for (const method of ['GET', 'HEAD']) expect((await ask(method, link)).status).toBe(200)
      expect((await ask('GET', link)).text).toContain('Schedules that missed, stopped or ended')
      expect(await channelsOf('schedule_missed')).toBeNull()
      expect((await ask('POST', link, oneClick)).status).toBe(200)
      expect(await channelsOf('schedule_missed')).toEqual(['web'])
      const events = (await scene.events('preferences.notifications')).length
      expect((await ask('POST', link, oneClick)).status).toBe(200)
      expect(await scene.events('preferences.notifications')).toHaveLength(events)
      expect((await ask('GET', link)).text).toContain('None of it comes by mail.')

      const before = (await ann.got()).length
      await tell('schedule_missed', 'Missed again.')
      await tell('role_changed', 'You are an admin now.')
      await ann.gets(/You are an admin now/, before)
      expect(
        (await ann.got())
          .slice(before)
          .map(({ text }) => text)
          .join(),
      ).not.toContain('Missed again')
    })

    it('leaves the other channels that somebody has chosen', async () => {
      const link = await told('low_balance', 'Little is left.')
      const choice = { types: { low_balance: { channels: ['email', 'web'] } } }
      await updatePreferences(scene.world.core, ann.actor, { notifications: choice as never })
      await ask('POST', link)
      expect(await channelsOf('low_balance')).toEqual(['web'])
    })

    it('is not offered for what waits for an answer', async () => {
      const before = (await ann.got()).length
      await tell('security', 'Somebody signed in.')
      const mail = await ann.gets(/Somebody signed in/, before)
      expect(mail.raw).not.toMatch(/unsubscribe/i)
    })

    it('a link that was changed, or is for another thing, ends nothing', async () => {
      const link = await told('trigger_refused', 'A webhook starts nothing.')
      const token = new URL(link).searchParams.get('token') ?? ''
      const others = [
        token.slice(0, -1),
        token.replace('trigger_refused', 'security'),
        token.replace('trigger_refused', 'budget'),
        token.replace(ann.actor.accountId, bob.actor.accountId),
        '',
        'x.y.z',
      ]
      for (const other of others) {
        const url = `/webhooks/email/unsubscribe?token=${encodeURIComponent(other)}`
        expect((await ask('POST', url)).status, other).toBe(404)
        expect((await ask('GET', url)).status, other).toBe(404)
      }
      expect(await channelsOf('trigger_refused')).toBeNull()
    })

    it('works as long as the mail is kept', async () => {
      const link = await told('message', 'A job says hello.')
      scene.clock.advance(90 * DAY_MS)
      await ask('POST', link)
      expect(await channelsOf('message')).toEqual(['web'])
    })

    it('of a digest ends all that was in it', async () => {
      const digestAt = new Date(scene.clock.nowMs() + 2 * HOUR_MS).toISOString().slice(11, 16)
      await updatePreferences(scene.world.core, ann.actor, { notifications: { digestAt } })
      await tell('run_ended', 'Notes are done.')
      await tell('review_decided', '@bob approved it.')
      const before = (await ann.got()).length
      scene.clock.advance(2 * HOUR_MS)
      const mail = await ann.gets(/Your digest: 2 things/, before)
      await ask('POST', headerIn(mail, 'List-Unsubscribe').replace(/^<(.*)>$/, '$1'))
      expect(await channelsOf('run_ended')).toEqual(['web'])
      expect(await channelsOf('review_decided')).toEqual(['web'])
      await eventually(async () => expect(await channelsOf('role_changed')).toBeNull())
    })
  })

  it.each([
    'GET /webhooks/email/confirm',
    'POST /webhooks/email/confirm',
    'GET /webhooks/email/unsubscribe',
    'POST /webhooks/email/unsubscribe',
  ])('%s asks for its code alone: no role opens anything there', async (route) => {
    const [method = '', path = ''] = route.split(' ')
    const statuses: Record<string, number> = {
      nobody: (await ask(method, path)).status,
      somebody: (await ask(method, path, await keyOf(bob.actor.accountId))).status,
      admin: (await ask(method, path, await keyOf(ann.actor.accountId))).status,
      wrong: (await ask(method, path, { headers: { Authorization: 'Bearer mst_wrong' } })).status,
    }
    expect(statuses).toEqual({ nobody: 404, somebody: 404, admin: 404, wrong: 404 })
  })
})
