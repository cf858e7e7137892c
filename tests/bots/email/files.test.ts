import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readMail, typeOf } from '#bots/email/read.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createMailScene, type MailScene } from './scene.ts'

describe('what a file is', () => {
  it.each([
    // As Windows and older programs say it.
    ['application/x-zip-compressed', 'notes.zip', 'application/zip'],
    ['application/vnd.ms-excel', 'people.csv', 'text/csv'],
    ['text/x-markdown', 'page.md', 'text/markdown'],
    ['application/x-patch', 'history.patch', 'text/x-patch'],
    ['application/octet-stream', 'git.log', 'text/plain'],
    ['image/pjpeg', 'photo.JPG', 'image/jpeg'],
    // Text is text, whatever somebody calls it.
    ['application/x-msdownload', 'history.patch', 'text/x-patch'],
    // A type that is taken stands, whatever the name.
    ['text/plain', 'history.patch', 'text/plain'],
    // What is no text and is called a program stays one, and so does what is named like one.
    ['application/x-msdownload', 'report.pdf', 'application/x-msdownload'],
    ['application/x-msdownload', 'setup.exe', 'application/x-msdownload'],
    ['application/octet-stream', 'setup.exe', 'application/octet-stream'],
    ['application/x-zip-compressed', 'setup.exe', 'application/x-zip-compressed'],
    ['text/javascript', 'run.js', 'text/javascript'],
    ['image/svg+xml', 'drawing.png', 'image/svg+xml'],
    ['application/vnd.ms-excel', 'people.xls', 'application/vnd.ms-excel'],
    ['application/x-thing', 'no name', 'application/x-thing'],
  ])('%s called %s is taken as %s', (contentType, name, taken) => {
    expect(typeOf(contentType, name)).toBe(taken)
  })
})

it.each(['related', 'mixed', 'alternative'])('words that are only HTML are read, also in %s parts', async (kind) => {
  const html = ['Content-Type: text/html; charset=utf-8', '', '<p>run docs.lint</p><p>title: Grün &amp; gut</p>']
  const read = await readMail(mailOf(`Content-Type: multipart/${kind}; boundary=b`, '', '--b', ...html, '--b--'))
  expect(read?.text.trim()).toBe('run docs.lint\n\ntitle: Grün & gut')
})

/** A mail of these parts, as lines. */
const mailOf = (...lines: string[]): Buffer => Buffer.from(['MIME-Version: 1.0', ...lines, ''].join('\r\n'))
const LOGO = [
  'Content-Type: image/png; name="image001.png"',
  'Content-Disposition: inline; filename="image001.png"',
  'Content-ID: <image001.png@01DB>',
  'Content-Transfer-Encoding: base64',
  '',
  'iVBORw0KGgo=',
]
const TEXT = ['Content-Type: text/plain', '', 'balance', '']
const RELATED = ['Content-Type: multipart/related; boundary=r', '', '--r', ...TEXT, '--r', ...LOGO, '--r--']

describe('what stands in the text of a mail', () => {
  it('is no file', async () => {
    const read = await readMail(mailOf(...RELATED))
    expect(read?.text).toContain('balance')
    expect(read?.files).toEqual([])
    expect(read?.problems).toEqual([])
  })

  it('is no file, and of one that is no logo that is said', async () => {
    const large = RELATED.map((line) => (line === LOGO.at(-1) ? 'iVBORw0KGgo='.slice(0, 8).repeat(20_000) : line))
    const read = await readMail(mailOf(...large))
    expect(read?.files).toEqual([])
    expect(read?.problems).toEqual(['image001.png was left out: it stands in the text of the mail.'])
  })

  it('is passed over in silence where something is attached, a picture too', async () => {
    const attached = [
      'Content-Type: image/png',
      'Content-Disposition: attachment; filename=photo.png',
      'Content-Transfer-Encoding: base64',
      '',
      'iVBORw0KGgo=',
    ]
    const head = 'Content-Type: multipart/mixed; boundary=m'
    const read = await readMail(mailOf(head, '', '--m', ...RELATED, '--m', ...attached, '--m--'))
    expect(read?.files.map(({ name }) => name)).toEqual(['photo.png'])
    expect(read?.problems).toEqual([])
  })
})

it('a text that is cut is said to be', async () => {
  const read = await readMail(mailOf('', `run docs.lint\r\n${'a line\r\n'.repeat(40_000)}`))
  expect(read?.text).toHaveLength(200_000)
  expect(read?.problems).toEqual(['The text of the mail was cut: it may have 200,000 characters.'])
  expect((await readMail(mailOf('', 'balance')))?.problems).toEqual([])
})

describe('a text with a name', () => {
  const named = (...head: string[]) =>
    mailOf(
      'Content-Type: multipart/mixed; boundary=m',
      '',
      ...['--m', 'Content-Type: text/plain; charset=utf-8', '', 'balance'],
      ...['--m', ...head, '', 'a1b2c3d feat: from a file', '--m--'],
    )
  it.each([
    ['Content-Type: text/plain; name="history.txt"'],
    ['Content-Type: text/plain', 'Content-Disposition: inline; filename="history.txt"'],
    ['Content-Type: text/plain', 'Content-Disposition: attachment; filename="history.txt"'],
    ['Content-Type: text/html', 'Content-Disposition: inline; filename="history.txt"'],
  ])('is a file: %s %s', async (...head) => {
    const read = await readMail(named(...head))
    expect(read?.text.trim()).toBe('balance')
    expect(read?.files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])).toEqual([
      ['history.txt', 'a1b2c3d feat: from a file'],
    ])
  })

  it.each([['Content-Type: text/plain'], ['Content-Type: text/plain', 'Content-Disposition: inline']])(
    'is words without one: %s %s',
    async (...head) => {
      const read = await readMail(named(...head))
      expect(read?.text).toMatch(/balance\s+a1b2c3d/)
      expect(read?.files).toEqual([])
    },
  )

  it('is words where it is the mail, or one way to read it', async () => {
    const whole = await readMail(mailOf('Content-Type: text/plain; name="mail.txt"', '', 'balance'))
    expect([whole?.text.trim(), whole?.files]).toEqual(['balance', []])
    const ways = ['--a', 'Content-Type: text/plain; name="mail.txt"', '', 'balance', '--a--']
    const either = await readMail(mailOf('Content-Type: multipart/alternative; boundary=a', '', ...ways))
    expect([either?.text.trim(), either?.files]).toEqual(['balance', []])
  })
})

describe.each(DIALECTS)('a file with the answers to a form, on %s', { timeout: 60_000 }, (dialect) => {
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

  const fileOf = (name: string, words: string) => ({
    filename: name,
    contentType: 'text/plain',
    content: Buffer.from(words),
  })
  const history = fileOf('history.txt', 'a1b2c3d feat: from a file\n')
  async function asked() {
    const before = (await ann.got()).length
    await ann.write({ subject: 'run release-notes' })
    return { form: await ann.gets(/^commits:/m, before), before: before + 1 }
  }

  it.each(['title: Spring', '', 'Here it is.'])('is what was asked for, below %j', async (text) => {
    const { form, before } = await asked()
    await ann.answer(form, text, { attachments: [history] })
    await ann.gets(/from a file/, before)
  })

  it('is what a job is for, below a letter that says so', async () => {
    const before = (await ann.got()).length
    await ann.write({
      subject: 'run release-notes',
      text: 'Hi,\nplease find it attached.\nBest,\nAnn',
      attachments: [{ ...history, filename: 'history.patch', contentType: 'application/x-patch' }],
    })
    await ann.gets(/from a file/, before)
  })

  it('is left out where the place is taken or there are several, and that is said', async () => {
    const one = await asked()
    await ann.answer(one.form, 'commits: a1b2c3d feat: by hand', { attachments: [history] })
    await ann.gets(/history\.txt was left out: the form has no place for a file/, one.before)
    const two = await asked()
    await ann.answer(two.form, 'title: Spring', { attachments: [history, fileOf('other.txt', 'x')] })
    await ann.gets(/history\.txt, other\.txt were left out: one file at a time/, two.before)
    await ann.answer(two.form, 'title: Spring', { attachments: [fileOf('bin.txt', 'a\0b')] })
    await ann.gets(/bin\.txt was left out: it is not a text file/, two.before)
  })
})
