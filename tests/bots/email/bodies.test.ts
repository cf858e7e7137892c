import { describe, expect, it } from 'vitest'
import { readWords, type Said } from '#bots/email/words.ts'

const said = (subject: string, body: string, { isReply = false, hasFiles = false } = {}): Said =>
  readWords(subject, body, { isReply, hasFiles })

const RUN = 'run release-notes'
const BOTH = '/run release-notes --title=Spring --audience=users'

describe('what stands around the inputs of a mail', () => {
  it.each([
    ['a greeting before them', 'Hi Muster,\n\ntitle: Spring\naudience: users\n\nThanks'],
    ['a greeting in the line above', 'Guten Morgen!\ntitle: Spring\naudience: users'],
    ['a greeting without a sign', 'Hello\n\ntitle: Spring\naudience: users'],
    ['blank lines between them', 'title: Spring\n\n\naudience: users\n'],
    ['a closing with a name', 'title: Spring\naudience: users\n\nBest,\nAnn'],
    ['a closing with four lines', 'title: Spring\naudience: users\nKind regards\n\nAnn\nAcme\nTel: +49 30 1\nBerlin'],
    ['thanks and a closing', 'title: Spring\naudience: users\n\nThanks!\n\nBest,\nAnn'],
    ['a German closing', 'title: Spring\naudience: users\n\nViele Grüße\nAnn'],
    ['the same in decomposed letters', 'title: Spring\naudience: users\n\nViele Grüße\nAnn'.normalize('NFD')],
    ['JSON and a closing', 'Hi,\n{"title": "Spring", "audience": "users"}\n\nCordialement,\nAnn'],
    ['the command once more', 'run release-notes\ntitle: Spring\naudience: users'],
    ['the command once more, with a slash', '/run  Release-Notes\n\ntitle: Spring\naudience: users'],
  ])('%s is no text', (_, body) => {
    expect(said(RUN, body)).toEqual({ text: BOTH })
    if (!body.toLowerCase().includes('release')) expect(said('', `${RUN}\n${body}`)).toEqual({ text: BOTH })
  })

  it.each([
    ['a letter', 'Hi,\nplease find it attached.\nBest,\nAnn'],
    ['with a greeting alone', 'Hello Muster,\n\nplease find it attached.'],
    ['with a closing alone', 'Please find it attached.\n\nThanks'],
    ['nothing but a closing', 'Thanks!\n\nBest,\nAnn'],
  ])('is left out where a file came: %s', (_, body) => {
    expect(said(RUN, body, { hasFiles: true })).toEqual({ text: '/run release-notes' })
    expect(said('/release_notes', body, { hasFiles: true })).toEqual({ text: '/release_notes' })
  })

  it('values in a letter around a file stay', () => {
    const body = 'Hi,\n\ntitle: Spring\naudience: users\n\nThe file is attached.\n\nBest,\nAnn'
    expect(said(RUN, body, { hasFiles: true })).toEqual({ text: BOTH })
    expect(said(RUN, `team: acme\n${body}`, { hasFiles: true }).context).toBe('team:acme')
  })

  it('what gives nothing but values stays text where a file came, to be asked about', () => {
    expect(said(RUN, 'Hi,\nsee below\nnote: mine\n\nAnn', { hasFiles: true }).text).toContain('note: mine')
    expect(said(RUN, 'a1b2c3d feat: by hand', { hasFiles: true }).text).toContain('by hand')
  })
})

describe('what is text', () => {
  it.each([
    ['a greeting before a text', 'Hi all,\nwe are live.', 'Hi all,\nwe are live.'],
    ['a closing in the midst', 'Thanks\n\none\ntwo\nthree\nfour\nfive', 'Thanks\n\none\ntwo\nthree\nfour\nfive'],
    ['a closing that is all there is', 'Thanks', 'Thanks'],
    ['a closing before a long line', `x\nThanks\n${'a'.repeat(100)}`, `x\nThanks\n${'a'.repeat(100)}`],
    ['words that begin like one', 'x\nThanks to all of you', 'x\nThanks to all of you'],
    ['a name that comes twice', 'fix: one\nfix: two', 'fix: one\nfix: two'],
    ['no closing of it', 'Live today.\n\nBest regards,\nAnn', 'Live today.'],
    ['no greeting with nothing behind', 'Hi,\n\nBest,\nAnn', ''],
    ['an indented line', '  x\n  y', 'x\n  y'],
  ])('%s', (_, body, text) => {
    expect(said(RUN, body)).toEqual({ text: `/run release-notes${text === '' ? '' : `\n${text}`}` })
  })

  it.each([
    ['a name that is there already', 'title: Spring\n\ntitle: again', 'title: again'],
    ['minutes', 'title: Spring\n\nAnna: hi\nBob: hello\nAnna: bye', 'Anna: hi\nBob: hello\nAnna: bye'],
    ['a line among others', 'title: Spring\n\nNote: a text\nthat goes on', 'Note: a text\nthat goes on'],
  ])('behind a blank line: %s', (_, body, text) => {
    expect(said(RUN, body)).toEqual({ text: `/run release-notes --title=Spring\n${text}` })
  })

  it('all that is said to a decision', () => {
    expect(said('Re: x', 'approve\n\nThanks,\nAnn', { isReply: true }).text).toBe('/approve\nThanks,\nAnn')
    expect(said('Re: x', '/approve\nWell done.\n\nThanks,\nAnn', { isReply: true, hasFiles: true }).text).toBe(
      '/approve\nWell done.\n\nThanks,\nAnn',
    )
  })
})

describe('a sign behind a command', () => {
  it.each([
    ['Balance?', '/Balance'],
    ['whoami!', '/whoami'],
    ['balance.', '/balance'],
    ['createteam Acme!', '/createteam Acme!'],
  ])('%s is %s', (subject, text) => {
    expect(said(subject, '')).toEqual({ text })
    expect(said('', subject)).toEqual({ text })
    expect(said('Re: x', subject, { isReply: true })).toEqual({ text })
  })
})

it.each(['Thanks\n', '?', 'Hi ', 'a: b\n\n', ' ', '\n', 'Hello\n\n', '?!.'])(
  'as long as a mail may be of %j is read at once',
  (piece) => {
    const startMs = performance.now()
    for (const hasFiles of [false, true]) said(RUN, `${piece.repeat(200_000 / piece.length)}x`, { hasFiles })
    said(`Balance${'?'.repeat(50_000)}x`, '')
    expect(performance.now() - startMs).toBeLessThan(5_000)
  },
)
