import { afterEach, describe, expect, it } from 'vitest'
import { reply } from '#core/chat/message.ts'
import { putMessage } from '#core/chat/outbox.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { OWN, signed, written } from './harness.ts'
import { createMailScene, type Got, type MailScene, type SceneOptions } from './scene.ts'

const HOUR_MS = 3_600_000

describe.each(DIALECTS)('how machines are kept from answering each other, on %s', { timeout: 60_000 }, (dialect) => {
  let scene: MailScene
  let ann: Awaited<ReturnType<MailScene['person']>>
  const begin = async (options: SceneOptions = {}) => {
    scene = await createMailScene(dialect, options)
    ann = await scene.person('ann', { admin: true })
  }
  afterEach(async () => {
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })

  it('ten answers go to one sender within an hour, and more in the next', async () => {
    // The usual number, which other tests raise.
    await begin({ email: { answersPerHour: 10 } })
    for (let n = 0; n < 14; n++) await ann.write({ subject: 'whoami' })
    await eventually(async () => expect(await states()).toMatchObject({ undelivered: 4, sent: 10 }))
    expect(await ann.got()).toHaveLength(10)
    const bob = await scene.person('bob')
    await bob.write({ subject: 'whoami' })
    await bob.gets(/@bob/)
    scene.clock.advance(HOUR_MS)
    await ann.write({ subject: 'whoami' })
    await eventually(async () => expect(await ann.got()).toHaveLength(11))
  })
  it('whoever pretends to be somebody leaves them half of their answers', async () => {
    await begin({ email: { answersPerHour: 10 } })
    for (let n = 0; n < 8; n++) await ann.write({ subject: 'whoami' }, { isSigned: false })
    await eventually(async () => expect(await states()).toMatchObject({ undelivered: 3, sent: 5 }))
    for (let n = 0; n < 5; n++) await ann.write({ subject: 'whoami' })
    await eventually(async () => expect(await states()).toMatchObject({ undelivered: 3, sent: 10 }))
  })

  const states = async (): Promise<Record<string, number>> => {
    const rows = await query(scene.world.core.db, (q) => q.selectFrom('outbox').select('status'))
    return Object.fromEntries(
      [...new Set(rows.map(({ status }) => status))].map((one) => [
        one,
        rows.filter(({ status }) => status === one).length,
      ]),
    )
  }

  it('what a machine sent is neither obeyed nor answered', async () => {
    await begin()
    const marks: Record<string, string>[] = [
      { 'Auto-Submitted': 'auto-replied' },
      { 'Auto-Submitted': 'auto-generated; owner-email="x"' },
      { Precedence: 'bulk' },
      { Precedence: 'list' },
      { Precedence: 'auto_reply' },
      { 'List-Id': '<all.example.test>' },
      { 'X-Autoreply': 'yes' },
      { 'X-Auto-Response-Suppress': 'All' },
      { 'Return-Path': '<>' },
    ]
    for (const headers of marks) await ann.write({ subject: 'whoami', headers })
    for (const from of ['MAILER-DAEMON@example.test', 'no-reply@example.test', OWN])
      await ann.write({ from, subject: 'whoami' })
    // A person's program may say so.
    await ann.write({ subject: 'whoami', headers: { 'Auto-Submitted': 'no' } })
    await ann.gets(/@ann/)
    expect(scene.post.mails).toHaveLength(1)
  })

  it('what we write says that a machine wrote it, and of what it is an answer', async () => {
    await begin()
    const messageId = await ann.write({ subject: 'whoami' })
    const answer = await ann.gets(/@ann/)
    expect(header(answer, 'Auto-Submitted')).toBe('auto-replied')
    expect(header(answer, 'X-Auto-Response-Suppress')).toBe('All')
    expect(header(answer, 'In-Reply-To')).toBe(messageId)
    await scene.world.core.db.write((tx) =>
      putMessage(scene.world.core, tx, {
        channel: 'email',
        conversation: ann.address,
        cause: 'news',
        reply: reply('Something happened.'),
      }),
    )
    const news = await ann.gets(/Something happened/)
    expect(header(news, 'Auto-Submitted')).toBe('auto-generated')
    expect(header(news, 'In-Reply-To')).toBeUndefined()
    // Word for word as another of its kind would send it back.
    for (const mail of [answer, news]) {
      const turned = mail.raw.replace(/^From: .*$/m, `From: ${ann.address}`).replace(/^To: .*$/m, `To: ${OWN}`)
      expect(await scene.bring(await signed(Buffer.from(turned, 'latin1')))).toBe(200)
    }
    await ann.write({ subject: 'mycontext' })
    await eventually(async () => expect(await ann.got()).toHaveLength(3))
  })
  const header = (mail: Got, name: string): string | undefined =>
    new RegExp(`^${name}: (.*)\\r$`, 'mi').exec(mail.raw.split('\r\n\r\n')[0] ?? '')?.[1]

  it('an address that takes nothing is not written to again, until somebody writes from it', async () => {
    await begin()
    await ann.write({ subject: 'whoami' })
    await ann.gets(/@ann/)
    const bouncesTo = scene.post.to(ann.address)[0]?.from ?? ''
    expect(bouncesTo).toMatch(/^bot\+b-.*@muster\.test$/)
    // Somebody who never got a mail of ours cannot have one come back.
    await scene.bring(await report(bouncesTo.replace(/-[a-z0-9]{20}@/, '-aaaaaaaaaaaaaaaaaaaa@'), '5.1.1'))
    await scene.bring(await report(bouncesTo, '4.4.1', 'delayed'))
    await say('First')
    await ann.gets(/First/)
    await scene.bring(await report(bouncesTo, '5.1.1'))
    await say('Second')
    await eventually(async () => expect(await states()).toMatchObject({ undelivered: 1 }))
    expect(await ann.got()).toHaveLength(2)
    expect(await scene.events('mail.bounced')).toHaveLength(2)
    expect(await scene.events('mail.bounced')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          subject: `identity:email:${ann.address}`,
          context: `user:${ann.actor.accountId}`,
        }),
      ]),
    )
    await ann.write({ subject: 'mycontext' })
    await eventually(async () => expect(await ann.got()).toHaveLength(3))
    await say('Third')
    await ann.gets(/Third/)
  })
  const say = (words: string) =>
    scene.world.core.db.write((tx) =>
      putMessage(scene.world.core, tx, {
        channel: 'email',
        conversation: ann.address,
        cause: words,
        reply: reply(words),
      }),
    )
  /** As a mail server says that it could not deliver a mail. */
  async function report(to: string, status: string, action = 'failed'): Promise<Buffer> {
    const raw = await written({ from: 'MAILER-DAEMON@example.test', to, subject: 'Undelivered', text: 'placeholder' })
    const head = raw.toString('latin1').split('\r\n\r\n')[0] ?? ''
    const typed = head.replace(
      /^Content-Type: .*$/m,
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    )
    const body = `--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.test\r\n\r\nFinal-Recipient: rfc822; ann@example.test\r\nAction: ${action}\r\nStatus: ${status}\r\n--b--\r\n`
    return Buffer.from(`${typed}\r\n\r\n${body}`, 'latin1')
  }

  it('a line of somebody’s words never becomes a header', async () => {
    await begin()
    await ann.write({
      subject: 'whoami',
      headers: { 'X-Name': 'x' },
      from: '"Ann\r\n Bcc: eve@example.test" <ann@example.test>',
    })
    await ann.gets(/@ann/)
    for (const { raw, to } of scene.post.mails) {
      expect(to).toEqual([ann.address])
      expect(raw.toString('latin1').split('\r\n\r\n')[0]).not.toMatch(/^Bcc:/im)
    }
  })
})
