import { describe, expect, it } from 'vitest'
import { addressesIn, addressIn, messageIdsIn, readHeaders } from '#bots/email/headers.ts'
import { tagsIn } from '#bots/email/tags.ts'
import { OWN } from './harness.ts'

const headersOf = (...lines: string[]) => {
  const found = readHeaders(Buffer.from(`${lines.join('\r\n')}\r\n\r\nbody`, 'latin1'))
  if (!found) throw new Error('There are no headers')
  return found
}

describe('addresses of a mail', () => {
  it.each([
    ['bot@muster.test', ['bot@muster.test']],
    ['Ann <ann@example.test>, bot@muster.test', ['ann@example.test', 'bot@muster.test']],
    ['"Ann, bot@muster.test, CEO" <mallory@other.test>', ['mallory@other.test']],
    ['(to bot@muster.test, and others) ann@example.test', ['ann@example.test']],
    ['"never closed, bot@muster.test, <ann@example.test>', []],
    ['"a \\" quote, bot@muster.test, " <ann@example.test>', ['ann@example.test']],
    ['Team: ann@example.test, bot@muster.test;', []],
  ])('%s', (value, addresses) => expect(addressesIn(value)).toEqual(addresses))

  it('are no longer than addresses are', () => {
    expect(addressIn(`<${'a'.repeat(300)}@example.test>`)).toContain('@example.test')
    expect(addressIn(`<${'a'.repeat(8_000)}@example.test>`)).toBeUndefined()
  })

  it('hold nothing that nobody sees, nor does any other header', () => {
    const headers = headersOf('From: <a\0nn@example.test>', 'Message-ID: <q\0w@x>', 'Subject: /bal\x07ance\0')
    expect(addressIn(headers.get('from') ?? '')).toBeUndefined()
    expect(messageIdsIn(headers.get('message-id'))).toEqual([])
    expect(JSON.stringify(headers.lines)).not.toMatch(/\\u00/)
  })

  it('tell who pays only where they are signed', () => {
    const headers = headersOf(`Cc: <bot+acme@muster.test>`, 'Delivered-To: bot+b-1@muster.test', `To: ${OWN}`)
    expect(tagsIn(headers, OWN)).toEqual(['acme', 'b-1'])
    expect(tagsIn(headers, OWN, ['to'])).toEqual([])
  })
})
