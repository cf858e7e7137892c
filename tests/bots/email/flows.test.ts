import { simpleParser } from 'mailparser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Channel } from '#bots/channel.ts'
import { createEmailChannel } from '#bots/email/bot.ts'
import { createHandle } from '#commands/dispatch.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { attachIdentity } from '#core/accounts/identities.ts'
import { createFormDesk } from '#core/forms/desk.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { confirmMail, lookAtQuestion } from '#core/mail/question.ts'
import { startWork } from '#core/work.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { emailOptions, OWN, relayed, signed, type Written, written } from './harness.ts'
import { openPost, type Post } from './post.ts'

const ANN = 'ann@example.test'

/** The real commands by mail, as a person sees it: what is written, and what comes. */
describe.each(DIALECTS)('mail that gives commands on %s', { timeout: 60_000 }, (dialect) => {
  let world: World
  let post: Post
  let email: Channel
  let count = 0

  beforeAll(async () => {
    world = await createWorld(dialect)
    const { core } = world
    await seedShipped(core)
    const { id } = await createAccountByOperator(core, { handle: 'ann', admin: true })
    await core.db.write((tx) => attachIdentity(tx, id, { channel: 'email', externalId: ANN, name: 'Ann' }, 0))
    post = await openPost()
    email = createEmailChannel({ ...emailOptions(core, post), answersPerHour: 100 })
    const senders = new Map([[email.name, email]])
    await startWork(core, { handle: createHandle(core, senders), senders })
    await email.start(async () => {}, { forms: createFormDesk(core) })
  })
  afterAll(async () => {
    await email.stop()
    await world.core.queue.stop(2_000)
    await world.end()
    await post.close()
  })

  const bring = (raw: Buffer) => email.webhook?.(relayed(raw))
  async function write(mail: Partial<Written> & { subject: string; text: string }, isSigned = true): Promise<string> {
    const messageId = `<flow${++count}@example.test>`
    const raw = await written({ from: `Ann <${ANN}>`, messageId, date: new Date(), ...mail })
    expect((await bring(isSigned ? await signed(raw) : raw))?.status).toBe(200)
    return messageId
  }
  /** The next mail to Ann that is not there yet. */
  async function next(after: number) {
    await eventually(() => expect(post.to(ANN).length).toBeGreaterThan(after))
    return simpleParser(post.to(ANN)[after]?.raw ?? '')
  }

  it('answers a short run by one mail, in its thread, with the result', async () => {
    const before = post.to(ANN).length
    const messageId = await write({ subject: 'run docs.lint', text: '# My page\n\nHello  \n\n-- \nAnn\n' })
    const mail = await next(before)
    expect(mail.subject).toBe('Re: run docs.lint')
    expect(mail.inReplyTo).toBe(messageId)
    expect(mail.headers.get('auto-submitted')).toBe('auto-replied')
    expect(mail.text).not.toContain('went wrong')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(post.to(ANN)).toHaveLength(before + 1)
  })

  it('asks for what is missing by a form, which is answered by a reply', async () => {
    const before = post.to(ANN).length
    await write({ subject: 'run release-notes', text: '' })
    const form = await next(before)
    expect(form.text).toMatch(/^commits:/m)
    await write({
      subject: `Re: ${form.subject}`,
      text: 'commits: a1b2c3d feat: first light\n\nOn Fri, 20 Nov 2026 at 10:02, Muster <bot@muster.test> wrote:\n> commits:\n',
      references: [form.messageId ?? ''],
    })
    expect((await next(before + 1)).text).toContain('first light')
  })

  it('puts nothing into a form that may be somebody else’s words, before it is confirmed', async () => {
    const before = post.to(ANN).length
    await write({ subject: 'run release-notes', text: '' })
    const form = await next(before)
    const answersOf = async () =>
      (await query(world.core.db, (q) => q.selectFrom('form').select('answers_json').where('status', '=', 'open'))).map(
        ({ answers_json }) => answers_json,
      )
    const empty = await answersOf()
    const answer = {
      subject: `Re: ${form.subject}`,
      text: 'commits: 1111111 feat: is it theirs',
      references: [form.messageId ?? ''],
    }
    await write(answer, false)
    const asked = await next(before + 1)
    expect(asked.text).toContain('Nothing was done')
    expect(await answersOf()).toEqual(empty)
    const code = /confirm\?code=([\w-]+)/.exec(asked.text ?? '')?.[1] ?? ''
    expect((await lookAtQuestion(world.core, code)).text).toBe('commits: 1111111 feat: is it theirs')
    expect(await answersOf()).toEqual(empty)
    await confirmMail(world.core, code)
    expect((await next(before + 2)).text).toContain('is it theirs')
  })

  it('shows what a mail would do that proves nothing, and does it once when that is confirmed', async () => {
    const before = post.to(ANN).length
    await write({ subject: '/whoami', text: '' }, false)
    const asked = await next(before)
    const code = /confirm\?code=([\w-]+)/.exec(asked.text ?? '')?.[1] ?? ''
    expect((await lookAtQuestion(world.core, code)).text).toBe('/whoami')
    expect(post.to(ANN)).toHaveLength(before + 1)
    await confirmMail(world.core, code)
    await expect(confirmMail(world.core, code)).rejects.toThrow('used')
    expect((await next(before + 1)).text).toContain('@ann')
  })

  it('says nothing to who is nobody here, and nothing to machines', async () => {
    const before = post.mails.length
    await write({ from: 'Eve <eve@example.test>', subject: '/help', text: '' })
    await write({ subject: '/help', text: '', headers: { 'Auto-Submitted': 'auto-replied' } })
    await write({ subject: '/whoami', text: '' })
    await next(before)
    expect(post.mails.slice(before).map(({ to }) => to)).toEqual([[ANN]])
  })

  it('is not answered by another of its kind', async () => {
    const before = post.to(ANN).length
    await write({ subject: '/whoami', text: '' })
    await next(before)
    const answer = post.to(ANN)[before]?.raw.toString('latin1') ?? ''
    // Word for word as the other would get it, from somebody whom it knows.
    const turned = answer.replace(/^From: .*$/m, `From: ${ANN}`).replace(/^To: .*$/m, `To: ${OWN}`)
    expect((await bring(await signed(Buffer.from(turned, 'latin1'))))?.status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(post.to(ANN)).toHaveLength(before + 1)
  })

  it('never lets a line of a header become another one', async () => {
    const before = post.to(ANN).length
    const subject = `=?utf-8?B?${Buffer.from('/whoami\r\nBcc: eve@example.test').toString('base64')}?=`
    await write({ subject: 'placeholder', text: 'x', headers: {} })
    const raw = await written({ subject: 'SUBJECT', text: '', messageId: '<crlf@example.test>', date: new Date() })
    await bring(await signed(Buffer.from(raw.toString('latin1').replace('SUBJECT', subject), 'latin1')))
    await next(before + 1)
    for (const { raw: sent, to } of post.to(ANN).slice(before)) {
      expect(to).toEqual([ANN])
      expect(sent.toString('latin1').split('\r\n\r\n')[0]).not.toMatch(/^Bcc:/im)
    }
  })

  it('stops writing to an address that does not exist', async () => {
    const before = post.to(ANN).length
    post.failNext('nobody')
    await write({ subject: '/whoami', text: '' })
    const desk = emailOptions(world.core, post).desk
    await eventually(async () => expect(await desk.bounceOf(ANN)).toContain('nobody'))
    expect(post.to(ANN)).toHaveLength(before)
    // Whoever writes from it has it.
    await write({ subject: '/whoami', text: '' })
    await next(before)
  })
})
