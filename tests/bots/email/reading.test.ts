import { describe, expect, it } from 'vitest'
import { subjectOf } from '#bots/email/encoded.ts'
import { readHeaders } from '#bots/email/headers.ts'

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
