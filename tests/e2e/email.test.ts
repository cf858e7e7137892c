import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findCursor } from '#db/mail.ts'
import { askNames, type Names, openNames } from '#tests/peers/mail-stack/names.ts'
import { type MailStack, needsMailStack, openMailStack } from '#tests/peers/mail-stack/stack.ts'
import { WHOLE_DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type App, startApp } from './support/app.ts'
import { type Client, signIn } from './support/client.ts'
import { FLOWS } from './support/flow-costs.ts'
import { jobsWith } from './support/flow-jobs.ts'
import { expectSoundLedger } from './support/ledger.ts'
import { type HeardMail, type MailVoice, mailVoice } from './support/mail-voice.ts'
import { ask, type Heard, hear } from './support/voice.ts'

const BOT = 'bot@test.local'
const TEAM = 'bot+acme@test.local'
const COMMITS = 'a1b2c3d feat: dark mode\nb2c3d4e fix: a typo'
const PATCH = { name: 'history.patch', mediaType: 'text/x-patch', bytes: Buffer.from(COMMITS) }

/**
 * The whole program behind a real Dovecot and a real Postfix: people write signed mails, and read what comes. Nobody types an
 * id. As nobody gets more than ten answers an hour, six people share the work.
 */
describe.runIf(needsMailStack()).each(WHOLE_DIALECTS)(
  'everyday flows by mail, on %s',
  { timeout: 90_000 },
  (dialect) => {
    let stack: MailStack
    let names: Names
    let unask: () => void
    let app: App
    let console_: Client
    let shop: Server
    let isShopOpen = false
    let jobs: ReturnType<typeof jobsWith>
    let teamId = ''
    let ada: MailVoice
    let ben: MailVoice
    let cem: MailVoice
    let dan: MailVoice
    let eva: MailVoice
    let fay: MailVoice
    let everybody: MailVoice[]

    beforeAll(async () => {
      shop = createServer((_, response) => response.writeHead(isShopOpen ? 200 : 404).end('{"stock":3}'))
      await new Promise<void>((resolve) => void shop.listen(0, '127.0.0.1', resolve))
      const shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
      jobs = jobsWith(shopUrl)
      stack = await openMailStack()
      names = await openNames()
      unask = askNames(names)
      app = await startApp(dialect, {
        settings: {
          EMAIL_SMTP_URL: stack.smtpUrl,
          EMAIL_FROM: `Muster <${BOT}>`,
          EMAIL_IMAP_URL: stack.imapUrl(BOT),
          OUTBOUND_ALLOW: new URL(shopUrl).host,
        },
      })
      const mailbox = `${BOT}@127.0.0.1:${stack.imapPort}/INBOX`
      await eventually(async () => expect(await findCursor.first(app.database.db, { mailbox })).toBeDefined())
      const person = (name: string, bot = BOT): MailVoice => mailVoice(stack, name, bot)
      ada = person('Ada')
      ben = person('Ben')
      // The address says who pays; the other way is to switch.
      ;[cem, dan] = [person('Cem', TEAM), person('Dan', TEAM)]
      ;[eva, fay] = [person('Eva', TEAM), person('Fay', TEAM)]
      everybody = [ada, ben, cem, dan, eva, fay]
    })
    afterAll(async () => {
      await app?.end()
      unask?.()
      names?.close()
      stack?.close()
      shop?.close()
      expect(app?.errors).toEqual([])
    })

    const inTeam = async (method: string, path: string, json?: object): Promise<number> =>
      (
        await console_.fetch(path, {
          method,
          headers: { 'X-Execution-Context': `team/${teamId}`, ...(json ? { 'Content-Type': 'application/json' } : {}) },
          ...(json ? { body: JSON.stringify(json) } : {}),
        })
      ).status
    const answered = async (voice: MailVoice, message: Heard, text: string, fits: RegExp): Promise<HeardMail> => {
      const before = await voice.heard()
      await voice.reply(message, text)
      return (await hear(voice, before, (one) => fits.test(one.text))) as HeardMail
    }
    /** What all of them wrote is what the flow takes. */
    const expectMails = (mails: number): void =>
      expect(everybody.reduce((sum, { count }) => sum + count.said + count.tapped, 0)).toBe(mails)
    const idOf = async (handle: string): Promise<string> => {
      const { body } = await console_.call('GET', `/v1/teams/${teamId}/members`)
      return body.items.find((one: { handle: string }) => one.handle === handle)?.accountId
    }
    /** Somebody answers as Ada who is not Ada. */
    const forge = (message: Heard, text: string): Promise<string> =>
      ada.write({ subject: 'Re: more', text, to: (message as HeardMail).replyTo, references: [message.id] }, false)
    const begin = (): void => {
      for (const voice of everybody) voice.reset()
    }

    test('first contact to first result: a patch goes out, notes come back in the same thread', async () => {
      await ask(ada, `/start ${app.claimCode}`, /This Muster is yours, @ada/)
      begin()
      const before = await ada.heard()
      await ada.say('run release-notes', PATCH)
      const notes = (await hear(ada, before, ({ files }) => files.length > 0)) as HeardMail
      expect(notes.files[0]?.name).toBe('release-notes.md')
      expect(Buffer.from(notes.files[0]?.bytes ?? []).toString()).toContain('dark mode')
      expect(notes.subject).toBe('Re: run release-notes')
      expectMails(FLOWS.first.mail)
      const link = await ask(ada, 'console', /login\?code=/)
      console_ = await signIn(app.url, '/v1/auth/link', { code: /login\?code=([\w-]+)/.exec(link.text)?.[1] })
    })

    test('invite a colleague', async () => {
      begin()
      const made = await ask(ada, 'createteam Acme', /Acme is there/)
      const invitation = await answered(ada, made, 'Invite somebody', /An invitation to Acme/)
      expectMails(FLOWS.invite.mail)
      await ask(ben, `join ${/\/join ([\w-]+)/.exec(invitation.text)?.[1]}`, /Welcome to Acme, @ben/)
      teamId = (await console_.call('GET', '/v1/teams')).body.items[0].id
      for (const voice of [cem, dan, eva, fay]) {
        const once = voice.address
        const { body } = await console_.call('POST', `/v1/teams/${teamId}/invitations`, { json: {}, once })
        await ask(voice, `join ${body.code}`, /Welcome to Acme/)
      }
      for (const job of jobs) {
        expect(await inTeam('POST', '/v1/jobs', job)).toBe(201)
        expect(await inTeam('POST', `/v1/jobs/${job.jobId}/publish`)).toBe(200)
      }
      await console_.call('POST', `/v1/teams/${teamId}/economy/credit`, {
        json: { amountUsd: '1', reason: 'start' },
        once: 'c',
      })
    })

    test('switch context', async () => {
      begin()
      const choice = await ask(ben, 'setcontext', /Who pays from now on\?/)
      await answered(ben, choice, 'Team Acme', /Team Acme pays from now on/)
      expectMails(FLOWS.switch.mail)
    })

    test('run with a missing input, then approve it', async () => {
      begin()
      const [onAda, onBen] = [await ada.heard(), await ben.heard()]
      const form = await ask(ben, 'run draft', /^topic:/m)
      await ben.reply(form, 'topic: spring')
      expectMails(FLOWS.missing.mail)
      begin()
      const card = await hear(ada, onAda, ({ text }) => /Review · Draft[\s\S]*About spring/.test(text))
      await ada.reply(card, 'approve')
      await hear(ben, onBen, ({ text }) => /is done[\s\S]*About spring$/.test(text))
      expectMails(FLOWS.approve.mail)
    })

    test('request changes', async () => {
      const [onAda, onEva] = [await ada.heard(), await eva.heard()]
      await eva.say('run draft topic=summer')
      const card = await hear(ada, onAda, ({ text }) => /Review · Draft[\s\S]*About summer/.test(text))
      begin()
      await ada.reply(card, 'request changes: (shorter)')
      const again = await hear(ada, onAda, ({ text }) => /About summer\(shorter\)/.test(text))
      await ada.reply(again, 'approve')
      await hear(eva, onEva, ({ text }) => /is done[\s\S]*About summer\(shorter\)$/.test(text))
      expectMails(FLOWS.changes.mail)
    })

    test('ask for more, and grant it', async () => {
      expect(await inTeam('PUT', `/v1/teams/${teamId}/members/${await idOf('cem')}`, { spendingCapUsd: '0.001' })).toBe(
        200,
      )
      const [onAda, onCem] = [await ada.heard(), await cem.heard()]
      await cem.say(`run release-notes\n${COMMITS}`)
      const waiting = await hear(cem, onCem, ({ text }) => /There is no room for this/.test(text))
      begin()
      await cem.reply(waiting, 'Ask for more')
      const request = await hear(ada, onAda, ({ buttons }) => buttons.includes('approve (Grant)'))
      await forge(request, 'approve')
      const asked = await hear(ada, onAda, ({ text }) => /does not prove that it was you/.test(text))
      expect(asked.text).toContain('/webhooks/email/confirm?code=')
      expect((await cem.heard()).slice(onCem.length).flatMap(({ files }) => files)).toEqual([])
      await ada.reply(request, 'approve')
      await hear(cem, onCem, ({ files }) => files.length > 0)
      expectMails(FLOWS.askMore.mail)
    })

    test('run over the confirm limit', async () => {
      expect(await inTeam('PUT', `/v1/teams/${teamId}`, { confirmAboveUsd: '0.001' })).toBe(200)
      begin()
      const question = await ask(dan, `run release-notes\n${COMMITS}`, /Team Acme · ≈ \$0\.002/)
      expect(question.buttons).toEqual(['Run it', 'Cancel'])
      const before = await dan.heard()
      await dan.reply(question, 'Run it')
      await hear(dan, before, ({ files }) => files.length > 0)
      expectMails(FLOWS.confirm.mail)
      expect(await inTeam('PUT', `/v1/teams/${teamId}`, { confirmAboveUsd: null })).toBe(200)
    })

    test('retry a failed step', async () => {
      const before = await cem.heard()
      await cem.say('run stock')
      const failed = await hear(cem, before, ({ text }) => /^Stock failed/.test(text))
      expect(failed.buttons).toEqual(['Retry'])
      isShopOpen = true
      begin()
      await cem.reply(failed, 'Retry')
      await hear(cem, before, ({ text }) => /200/.test(text))
      expectMails(FLOWS.retry.mail)
    })

    test('schedule daily', async () => {
      expect(await inTeam('PUT', `/v1/teams/${teamId}/members/${await idOf('fay')}`, { role: 'admin' })).toBe(200)
      begin()
      const form = await ask(fay, 'schedule', /When/)
      await answered(fay, form, 'job: greet\nwhen: every day at 9', /at 09:00[\s\S]*each run/)
      expectMails(FLOWS.schedule.mail)
    })

    test('cancel', async () => {
      await fay.say('run nap')
      await eventually(async () => {
        const headers = { 'X-Execution-Context': `team/${teamId}` }
        const response = await console_.fetch('/v1/runs?status=waiting', { headers })
        const { items } = (await response.json()) as { items: { jobId: string }[] }
        expect(items.map(({ jobId }) => jobId)).toContain('nap')
      })
      begin()
      await ask(fay, 'cancelrun', /nap is stopped/)
      expectMails(FLOWS.cancel.mail)
    })

    test("find last week's result", async () => {
      begin()
      const list = await ask(dan, 'runs release', /^Runs · Team Acme/)
      const label = list.buttons.find((one) => /release-notes · succeeded/.test(one)) ?? ''
      const run = await answered(dan, list, label, /✓ Release notes/)
      const formats = await answered(dan, run, 'Export', /As what\?/)
      const before = await dan.heard()
      await dan.reply(formats, 'Markdown')
      await hear(dan, before, ({ files }) => files.length > 0)
      expectMails(FLOWS.find.mail)
      await expectSoundLedger(app.database)
    })
  },
)
