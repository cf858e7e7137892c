import { describe, expect, it } from 'vitest'
import { subjectOf } from '#bots/email/encoded.ts'
import { readHeaders } from '#bots/email/headers.ts'
import { answersBySubject, unquoted, withoutQuoted, withoutSignature } from '#bots/email/quoted.ts'
import { render } from '#bots/email/render.ts'
import { readForm } from '#bots/email/words.ts'

describe('the subject of a mail', () => {
  const read = (subject: string) => subjectOf(readHeaders(Buffer.from(`Subject: ${subject}\n\n`)) ?? expect.fail())

  it.each([
    ['a character that two words share', '=?utf-8?q?balance_M=C3?= =?utf-8?q?=BCller?=', 'balance Müller'],
    ['the same, folded', '=?utf-8?q?balance_M=C3?=\r\n =?UTF-8?Q?=BCller?=', 'balance Müller'],
    ['the same, in both encodings', '=?utf-8?b?TcM=?= =?utf-8?q?=BCller?=', 'Müller'],
    ['the same, with a language', '=?utf-8*de?q?M=C3?= =?utf-8?q?=BCller?=', 'Müller'],
    ['words of two charsets', '=?utf-8?q?M=C3=BCller_?= =?iso-8859-1?q?M=FCller?=', 'Müller Müller'],
    ['a charset that nobody knows', '=?x-none?q?a?= =?utf-8?q?b?=', '=?x-none?q?a?=b'],
    ['words around it', 'Re: =?utf-8?q?M=C3=BCller?= and more', 'Re: Müller and more'],
  ])('%s', (_, subject, says) => {
    expect(read(subject)).toBe(says)
  })
})

describe('what was written anew', () => {
  const LONG = '> A line of what is answered, as long as the program that wrote it lets it'

  it.each([
    ['below', 'On 11/20/26 10:02, Muster wrote:\n> Please review\n\napprove\n', 'approve'],
    ['above', 'approve\n\nOn 11/20/26 10:02, Muster wrote:\n> Please review\n', 'approve'],
    [
      'above and below',
      'reject\n\nOn 11/20/26 10:02, Ann wrote:\n\n> One\n> Two\nToo long.\n',
      'reject\n\n\nToo long.',
    ],
    ['below a broken line', `On 11/20/26 10:02, Muster wrote:\n${LONG}\nbe\n> approve\n\nreject`, 'reject'],
    [
      'below an introduction of several lines',
      'On Fri, 20 Nov 2026 at 10:02, Muster <\nbot@muster.test> wrote:\n> Please review\n\napprove',
      'approve',
    ],
    [
      'above one whose address is broken',
      'approve\n\nOn Fri, 20 Nov 2026 at 10:02, Muster <bot@muster.test\n> wrote:\n\n> Please review',
      'approve',
    ],
    ['below a Dutch one', 'Op vr 20 nov. 2026 om 10:02 schreef Muster <bot@x>:\n> Bekijk\n\napprove', 'approve'],
    ['below a Finnish one', 'Muster <bot@x> kirjoitti 20.11.2026:\n> Katso\n\napprove', 'approve'],
    [
      'above a Finnish one of several lines',
      'approve\n\npe 20.11.2026 klo 10.02 Muster (\nbot@x) kirjoitti:\n> Katso\n> approve',
      'approve',
    ],
    ['above a quote without marks', 'approve\n\nOn Fri, 20 Nov 2026 at 10:02, Ann wrote:\n\nreject', 'approve'],
    ['below the colon of a command', 'reject:\n> Please review\nToo long.', 'reject:\nToo long.'],
  ])('%s', (_, text, says) => {
    expect(withoutQuoted(text)).toBe(says)
  })

  it.each([
    "reject\nOn page 3 the author wrote: 'foo', which is wrong.",
    'reject\nOn page 3 the author wrote:\nfoo, which is wrong.',
    'reject\nAt 10:02 I found:\nnothing',
  ])('keeps %j', (text) => {
    expect(withoutQuoted(text)).toBe(text)
  })

  const HEADERS = {
    English: 'From: Muster <b@x>\nSent: Friday\nTo: Ann\nSubject: x',
    'English, bold': '*From:* Muster <b@x>\n*Sent:* Friday\n*To:* Ann\n*Subject:* x',
    German: 'Von: Muster <b@x>\nGesendet: Freitag\nAn: Ann\nBetreff: x',
    French: 'De : Muster <b@x>\nEnvoyé : vendredi\nÀ : Ann\nObjet : x',
    Spanish: 'De: Muster <b@x>\nEnviado: viernes\nPara: Ann\nAsunto: x',
    Portuguese: 'De: Muster <b@x>\nEnviada em: sexta-feira\nPara: Ann\nAssunto: x',
    Italian: 'Da: Muster <b@x>\nInviato: venerdì\nA: Ann\nOggetto: x',
    Dutch: 'Van: Muster <b@x>\nVerzonden: vrijdag\nAan: Ann\nOnderwerp: x',
    Polish: 'Od: Muster <b@x>\nWysłano: piątek\nDo: Ann\nTemat: x',
    Swedish: 'Från: Muster <b@x>\nSkickat: den 20 november\nTill: Ann\nÄmne: x',
  }
  it.each(Object.entries(HEADERS))('above headers in %s', (_, headers) => {
    const rules = ['', '________________________________\n', '--------------------------------------------\n\n']
    for (const rule of rules) expect(withoutQuoted(`approve\n\n${rule}${headers}\n\nreject`)).toBe('approve')
  })

  it('above our own reply address, whatever language stands around it', () => {
    const read = (text: string) => withoutQuoted(text, 'bot@muster.test')
    const mail = 'approve\n\nLähettäjä: Muster <bot+r-abc.def@Muster.test>\nLähetetty: perjantai\n\nreject'
    expect(read(mail)).toBe('approve')
    expect(read(mail.replace('Muster <', 'Muster <\n'))).toBe('approve')
    expect(read('> bot+r-abc@muster.test\n\napprove')).toBe('approve')
    for (const other of ['bot+r-abc@example.test', 'bot+acme@muster.test', 'bot@muster.test', 'a+r-b'])
      expect(read(`reject ${other}\nno`)).toBe(`reject ${other}\nno`)
  })

  it.each([
    '-- ',
    'Sent from my iPhone',
    'Sent from Outlook for iOS',
    'Get Outlook for iOS<https://aka.ms/x>',
    'Von meinem iPhone gesendet',
    'Envoyé de mon iPhone',
    'Enviado desde mi iPhone',
    'Enviado do meu iPhone',
    'Inviato da iPhone',
    'Verstuurd vanaf mijn iPhone',
    'Skickat från min iPhone',
  ])('above the signature %j', (signature) => {
    expect(withoutQuoted(`approve\n\n${signature}\nAnn`)).toBe('approve')
  })

  it('a rule alone is no quote', () => {
    const text = 'reject\n\n------------------------\nToo long.\nVon meinem Platz aus: falsch.'
    expect(withoutQuoted(text)).toBe(text)
  })
})

describe('a mail that answers nothing', () => {
  it.each([
    ['keeps a quote in Markdown', '# Page\n\n> a quote in Markdown\n\nend'],
    ['keeps what looks like headers', 'From: Berlin\nTo: Munich\nDate: 12 May'],
    ['keeps a rule', 'One\n____________________\nTwo'],
    ['keeps what looks like an introduction', 'On 2026-11-20, Ann <a@x> wrote:\n> Yes\n\nand so it was'],
  ])('%s', (_, text) => {
    expect(withoutSignature(text)).toBe(text)
    expect(withoutSignature(`${text}\n\n-- \nAnn`)).toBe(text)
    expect(withoutSignature(`${text}\n\nSent from my iPhone\n`)).toBe(text)
  })

  it('is known by its subject', () => {
    const subjects = [
      'Re: x',
      'FWD: x',
      'AW: x',
      'Re[2]: x',
      'Antw: x',
      'RV: x',
      'run docs.lint',
      'Report: x',
      're x',
      '',
    ]
    expect(subjects.map(answersBySubject)).toEqual([...Array(6).fill(true), ...Array(4).fill(false)])
  })
})

describe('a form', () => {
  const NAMES = ['title', 'audience', 'commits', 'page']
  const WHAT = 'what it is called in the list of all that came out, and at the top of its own page'
  const { text: written } = render([
    {
      type: 'form',
      formId: 'f',
      title: 'Release notes',
      note: 'title: below',
      submitLabel: 'Start',
      fields: [
        { name: 'title', label: 'Title', kind: 'text', required: true, description: WHAT },
        {
          name: 'audience',
          label: 'Audience',
          kind: 'choice',
          required: true,
          options: [{ value: 'users', label: 'U' }],
        },
        { name: 'commits', label: 'Commits', kind: 'multiline', required: false, problem: 'This is too long' },
        { name: 'page', label: 'Page', kind: 'multiline', required: true },
      ],
    },
    { type: 'buttons', buttons: [{ label: 'Cancel', token: 't' }] },
  ])
  const read = (text: string) => readForm(text, NAMES, written)
  const filled = written
    .replace('title:\n', 'title: Spring\n')
    .replace('audience:', 'audience: users')
    .replace('commits:', 'commits: abc')
    .replace('page:', 'page: P')
  const ALL = { title: 'Spring', audience: 'users', commits: 'abc', page: 'P' }

  it('has what was answered above the template that is quoted', () => {
    const quoted = `# Title, ${WHAT}\ntitle:\n# Audience\n# One of: users\naudience: developers\n# Commits, may stay empty\ncommits:`
    const text = `title: Spring\naudience: users\ncommits: abc\n\n${quoted}`
    expect(read(text)).toEqual({ title: 'Spring', audience: 'users', commits: 'abc' })
    expect(read(quoted)).toEqual({ audience: 'developers' })
  })

  it('takes the first value of a name that is one', () => {
    expect(readForm('title:\naudience: …\ntitle: Spring\naudience: users\ntitle: Autumn', NAMES)).toEqual({
      title: 'Spring',
      audience: 'users',
    })
  })

  it('keeps the headings of an answer', () => {
    const page = '# My page\n\nSome text.\n\n## Part\nmore'
    expect(read(`page:\n${page}`)).toEqual({ page })
    expect(read(`page:\n${page}\n# Commits, may stay empty\n# ✗ This is too long\ncommits: abc`)).toEqual({
      page,
      commits: 'abc',
    })
    expect(read('page:\n# Page\n\nSome text.')).toEqual({ page: '# Page\n\nSome text.' })
  })

  it('is read where it was filled in, up to its end', () => {
    expect(read(filled)).toEqual(ALL)
    expect(read(`${filled}\n\n-- \nYou get this mail because of: x`)).toEqual(ALL)
    const quoted = filled.replaceAll(/^/gm, '> ')
    expect(read(unquoted(`On 11/20/26 10:02, Muster wrote:\n${quoted}\n\nRegards, Ann`))).toEqual(ALL)
  })

  it('is read where a program broke its lines', () => {
    const broken = filled.replaceAll(/^(.{20,60}) (?=\S)/gm, '$1\n')
    expect(broken.split('\n').length).toBeGreaterThan(filled.split('\n').length + 2)
    expect(read(broken)).toEqual(ALL)
  })

  it('is read above itself', () => {
    expect(read(`title: Spring\npage: One\nTwo\n\n${written}`)).toEqual({ title: 'Spring', page: 'One\nTwo' })
    expect(read(written)).toEqual({})
  })

  it('is read in a moment, however long the mail is', () => {
    const startedAt = performance.now()
    for (const one of ['# Page\n', '# Page\nx\n', 'x\n', '# ✗ x\n\n', 'title:\n', 'a+r-b', '> x\nOn 2026:\n']) {
      const text = one.repeat(200_000 / one.length)
      read(text)
      withoutQuoted(text, 'bot@muster.test')
    }
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })
})
