import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readMail } from '#bots/email/read.ts'
import { createTeam } from '#core/teams/create.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { OWN, written } from './harness.ts'
import { createMailScene, type Got, type MailScene } from './scene.ts'

const DAY_MS = 24 * 3_600_000

describe.each(DIALECTS)('what is answered by mail, on %s', { timeout: 60_000 }, (dialect) => {
  let scene: MailScene
  let ann: Awaited<ReturnType<MailScene['person']>>
  beforeAll(async () => {
    scene = await createMailScene(dialect)
    ann = await scene.person('ann', { admin: true })
  })
  afterAll(async () => {
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })

  const reviews = () => query(scene.world.core.db, (q) => q.selectFrom('review').select(['status', 'id']).orderBy('id'))
  const statusOf = async (place = -1) => (await reviews()).at(place)?.status
  /** Has a job ask for a decision; the mail that asks. */
  async function asked(): Promise<Got> {
    const before = (await ann.got()).length
    await ann.write({ subject: await scene.asks(ann.actor, { kind: 'decide', prompt: 'May this go out?' }) })
    return ann.gets(/May this go out\?/, before)
  }

  it('a review is approved by the first line of a reply, in its thread', async () => {
    const mail = await asked()
    const before = (await ann.got()).length
    await ann.answer(mail, 'approve\n\nWell done.\n\n-- \nAnn')
    const done = await ann.gets(/Approved: Job/, before)
    expect(done.references).toContain(mail.messageId)
    expect([mail.subject, done.subject]).toEqual(['Re: run asks-1', 'Re: run asks-1'])
    // One that asks, and one that says that it is done; what it ends with is another.
    const asking = (await ann.got()).filter(({ text = '' }) => text.includes('May this go out?'))
    expect(asking).toHaveLength(1)
    expect(await statusOf()).toBe('approved')
  })

  const quotes = {
    'one provider': (words: string) =>
      `<div dir="ltr">${words}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Fri, 20 Nov 2026 at 10:02, Muster &lt;<a href="mailto:bot@muster.test">bot@muster.test</a>&gt; wrote:<br></div><blockquote class="gmail_quote"><div>Review</div><div>reject</div></blockquote></div>`,
    'another program': (words: string) =>
      `<html><body><p class="MsoNormal">${words}<o:p></o:p></p><div style="border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b>From:</b> Muster &lt;bot@muster.test&gt;<br><b>Sent:</b> Friday, November 20, 2026 10:02 AM<br><b>To:</b> Ann<br><b>Subject:</b> Re: run</p></div><p class="MsoNormal">reject</p></body></html>`,
  }
  it.each(Object.entries(quotes))('is approved by a reply that is only HTML, as %s writes it', async (_, html) => {
    const mail = await asked()
    const before = (await ann.got()).length
    await ann.write({
      to: mail.replyTo?.value[0]?.address ?? '',
      subject: mail.subject ?? '',
      references: [mail.messageId ?? ''],
      html: html('approve'),
    })
    await ann.gets(/Approved: Job/, before)
    expect(await statusOf()).toBe('approved')
  })

  it('is approved below what is answered', async () => {
    const mail = await asked()
    const before = (await ann.got()).length
    await ann.write({
      to: mail.replyTo?.value[0]?.address ?? '',
      subject: `${mail.subject}`,
      references: [mail.messageId ?? ''],
      text: 'On 11/20/26 10:02, Muster wrote:\n> May this go out?\n> reject\n\napprove\n\n-- \nAnn',
    })
    await ann.gets(/Approved: Job/, before)
    expect(await statusOf()).toBe('approved')
  })

  it('is rejected with the reason behind it, whatever the reason looks like', async () => {
    const mail = await asked()
    const before = (await ann.got()).length
    await ann.answer(mail, 'Reject: too long\nNote: the table --too')
    await ann.gets(/Rejected: Job/, before)
    expect(await statusOf()).toBe('rejected')
    await eventually(async () =>
      expect(JSON.stringify(await scene.events('review.decided'))).toContain('the table --too'),
    )
  })

  it('is sent back by what should be different, and asked again by a mail of the same thread', async () => {
    const mail = await asked()
    const before = (await ann.got()).length
    await ann.answer(mail, 'request changes shorter, please')
    const again = await ann.gets(/round 2\n/, before)
    expect(again.references).toContain(mail.messageId)
    await ann.answer(again, 'approve')
    await eventually(async () => expect(await statusOf()).toBe('approved'))
  })

  it('a word that decides is none in a mail that answers nothing', async () => {
    await asked()
    for (const subject of ['approve', 'Approve', 'reject it']) await ann.write({ subject, text: 'approve' })
    await ann.write({ subject: 'Hello', text: 'approve' })
    const before = (await ann.got()).length
    await ann.write({ subject: 'whoami' })
    await ann.gets(/@ann/, before)
    expect(await statusOf()).toBe('open')
  })

  it('nobody answers for somebody else, with their reply address or without', async () => {
    const mail = await asked()
    const bob = await scene.person('bob')
    await bob.answer(mail, 'approve')
    const told = await bob.gets(/wrote to somebody else/)
    expect(told.text).not.toContain('May this go out')
    await bob.answer(mail, 'approve', { to: OWN })
    // Its subject would be somebody else's words.
    await bob.write({ subject: 'Hello', text: '/approve', references: [mail.messageId ?? ''] })
    await bob.gets(/Nothing waits for your decision/)
    expect(await statusOf()).toBe('open')
    expect(await scene.events('mail.refused')).toHaveLength(1)
  })

  it('a reply address that somebody made up is none', async () => {
    const mail = await asked()
    const before = (await ann.got()).length
    const address = mail.replyTo?.value[0]?.address ?? ''
    const last = address.charAt(address.indexOf('@') - 1)
    const forged = address.replace(`${last}@`, `${last === 'a' ? 'b' : 'a'}@`)
    await ann.write({ to: forged, subject: 'Hi', text: 'approve' })
    await ann.gets(/I understood/, before)
    expect(await statusOf()).toBe('open')
  })

  it('after thirty days a mail is not to be answered any more', async () => {
    const mail = await asked()
    scene.clock.advance(31 * DAY_MS)
    const approved = (await reviews()).filter(({ status }) => status === 'approved')
    const before = (await ann.got()).length
    await ann.answer(mail, 'approve')
    await ann.gets(/too old to be answered/, before)
    expect(await statusOf()).toBe('open')
    // What is known only by its references is a thread, and no question any more.
    await ann.answer(mail, 'Stop', { to: OWN })
    await ann.gets(/did not understand/, before)
    expect((await reviews()).filter(({ status }) => status === 'approved')).toEqual(approved)
  })

  it('a form that a review asks for is a template, filled in by a reply', async () => {
    const before = (await ann.got()).length
    const schema = {
      type: 'object' as const,
      required: ['title', 'pages'],
      properties: { title: { type: 'string' as const }, pages: { type: 'integer' as const } },
    }
    await ann.write({ subject: await scene.asks(ann.actor, { kind: 'form', schema }) })
    await ann.answer(await ann.gets(/Job \d+/, before), 'Answer')
    const form = await ann.gets(/^title:\s*$/m, before)
    await ann.answer(form, 'title: Spring release\npages: many')
    const wrong = await ann.gets(/✗ This takes a whole number/, before)
    expect(wrong.text).toContain('title: Spring release')
    await ann.answer(wrong, 'pages: 3')
    await ann.gets(/goes on with your answers/, before)
  })

  it('inputs come as lines, as a block of JSON, or as both kinds of text', async () => {
    for (const text of [
      'commits: a1b2c3d feat: by a line',
      '{"commits": "a1b2c3d feat: by a line"}',
      '```json\n{"commits": "a1b2c3d feat: by a line"}\n```\n',
      'a1b2c3d feat: by a line',
    ]) {
      const before = (await ann.got()).length
      await ann.write({ subject: 'run release-notes', text })
      await ann.gets(/by a line/, before)
    }
  })

  it('a rule is a part of what is said in a mail that answers nothing', async () => {
    const before = (await ann.got()).length
    await ann.write({ subject: 'run release-notes', text: '____________________\na1b2c3d feat: by a rule' })
    await ann.gets(/by a rule/, before)
  })

  it('who pays is said by a line, or by the address', async () => {
    await createTeam(scene.world.core, ann.actor, { name: 'Acme' })
    const asks: [string, object][] = [
      ['a line', { text: 'team: acme' }],
      ['the address', { to: OWN.replace('@', '+acme@') }],
    ]
    for (const [, how] of asks) {
      const before = (await ann.got()).length
      await ann.write({ subject: 'balance', ...how })
      await ann.gets(/Acme/, before)
    }
    const before = (await ann.got()).length
    await ann.write({ subject: 'balance', to: OWN.replace('@', '+nobody@') })
    await ann.gets(/nobody/, before)
    const then = (await ann.got()).length
    await ann.write({ subject: 'mycontext' })
    await ann.gets(/you pay|personal/i, then)
  })

  it('attachments are inputs, and what cannot be taken is said', async () => {
    const before = (await ann.got()).length
    const text = Buffer.from('a1b2c3d feat: from a file\n')
    await ann.write({
      subject: 'run release-notes',
      attachments: [
        { filename: 'log.txt', contentType: 'text/plain', content: text },
        { filename: 'setup.exe', contentType: 'application/x-msdownload', content: Buffer.from('MZ') },
        { filename: 'other.exe', contentType: 'application/octet-stream', content: Buffer.from('MZ') },
      ],
    })
    await ann.gets(/from a file/, before)
    const said = (await ann.got())
      .slice(before)
      .map((mail) => mail.text)
      .join('\n')
    expect(said).toContain('setup.exe was left out: files of the type application/x-msdownload are not taken.')
    expect(said).toContain('other.exe was left out: files of the type application/octet-stream are not taken.')
  })

  it('a file that its program gave no type is known by its name', async () => {
    const before = (await ann.got()).length
    const content = Buffer.from('a1b2c3d feat: from a log\n')
    await ann.write({
      subject: 'run release-notes',
      attachments: [{ filename: 'git.log', contentType: 'application/octet-stream', content }],
    })
    await ann.gets(/from a log/, before)
  })
})

it('files of more than 25 MB together are left out, and that is said', { timeout: 120_000 }, async () => {
  const attachments = ['one', 'two', 'three'].map((name) => ({
    filename: `${name}.txt`,
    contentType: 'text/plain',
    content: Buffer.alloc((name === 'three' ? 0.1 : 13) * 1024 * 1024, 'a'),
  }))
  const read = await readMail(await written({ subject: 'whoami', text: 'x', attachments }))
  expect(read?.files.map(({ name }) => name)).toEqual(['one.txt', 'three.txt'])
  expect(read?.problems).toEqual(['two.txt was left out: files may have 25 MB together.'])
})
