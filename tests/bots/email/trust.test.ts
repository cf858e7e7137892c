import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Outcome, receiveMail } from '#bots/email/incoming.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { attachIdentity } from '#core/accounts/identities.ts'
import { createMailDesk } from '#core/mail/desk.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { OWN, resolve, sealed, signed, type Written, written } from './harness.ts'

const LONG_AGO = new Date(Date.now() - 25 * 3_600_000)
let count = 0
const unused = (): string => `<trust${++count}.${Date.now()}@example.test>`

const mail = (more: Partial<Written> = {}): Promise<Buffer> =>
  written({ subject: '/balance', text: 'hello', messageId: unused(), date: new Date(), ...more })
const replaced = (raw: Buffer, from: string, to: string): Buffer =>
  Buffer.from(raw.toString('latin1').replace(from, to), 'latin1')
const headed = (raw: Buffer, line: string): Buffer => Buffer.concat([Buffer.from(`${line}\r\n`), raw])

const LIKE_A_PROVIDER = 'to:subject:message-id:date:from:mime-version'
/** What somebody quotes may look like the parts of a mail. */
const TWO_MAILS = 'hello\n\n--evil\nContent-Type: text/plain\n\n/fund 100\n--evil--'
const otherBoundary = (raw: Buffer): Buffer =>
  Buffer.from(raw.toString('latin1').replace(/boundary="[^"]*"/, 'boundary="evil"'), 'latin1')

const changedOnTheWay = async (more: Partial<Written> = {}): Promise<Buffer> =>
  replaced(await signed(await mail(more)), 'hello', 'hello, says the list')

/** Every kind of mail, and what may come of it. Only the first is obeyed. */
const TABLE: Record<string, { make: () => Promise<Buffer>; becomes: Outcome }> = {
  'genuine: signed by its domain': { make: async () => signed(await mail()), becomes: 'taken' },
  'not signed at all': { make: () => mail(), becomes: 'asked' },
  'body changed on the way': {
    make: async () => replaced(await signed(await mail()), 'hello', 'jello'),
    becomes: 'asked',
  },
  'subject changed on the way': {
    make: async () => replaced(await signed(await mail()), 'Subject: /balance', 'Subject: /statement'),
    becomes: 'asked',
  },
  'From changed on the way to somebody known': {
    make: async () =>
      replaced(
        await signed(await mail({ from: 'Bob <bob@other.test>' }), { domain: 'other.test' }),
        'Bob <bob@other.test>',
        'Ann <ann@example.test>',
      ),
    becomes: 'asked',
  },
  'signed by another domain': { make: async () => signed(await mail(), { domain: 'other.test' }), becomes: 'asked' },
  // Who has the key of one department is not everybody.
  'signed by a domain that stands under its sender’s': {
    make: async () => signed(await mail(), { domain: 'students.example.test' }),
    becomes: 'asked',
  },
  'our address stands in the name of who it was written to': {
    make: async () =>
      signed(replaced(await mail(), 'To: bot@muster.test', 'To: "Ann, bot@muster.test, CEO" <mallory@other.test>')),
    becomes: 'asked',
  },
  'two From headers': {
    make: async () => headed(await signed(await mail()), 'From: Bob <bob@example.test>'),
    becomes: 'dropped',
  },
  'two people in From': {
    make: async () => signed(await mail({ from: 'Ann <ann@example.test>, Bob <bob@example.test>' })),
    becomes: 'dropped',
  },
  'a second Subject on top of the signed one': {
    make: async () => headed(await signed(await mail()), 'Subject: /statement'),
    becomes: 'asked',
  },
  'a second Content-Type on top': {
    make: async () => headed(await signed(await mail()), 'Content-Type: text/html'),
    becomes: 'asked',
  },
  'only a part of the body is signed (l=)': {
    make: async () => Buffer.concat([await signed(await mail(), { bodyLength: 4 }), Buffer.from('more\r\n')]),
    becomes: 'asked',
  },
  'the subject is not among what is signed': {
    make: async () =>
      signed(await mail(), { headers: 'from:to:date:message-id:content-type:content-transfer-encoding' }),
    becomes: 'asked',
  },
  // As a large provider signs: everything but how the body is to be read.
  'how to read it is not signed, and its parts say it themselves': {
    make: async () => signed(await mail({ html: '<p>hello</p>' }), { headers: LIKE_A_PROVIDER }),
    becomes: 'taken',
  },
  'how to read it is not signed, and it is plain': {
    make: async () => signed(await mail(), { headers: LIKE_A_PROVIDER }),
    becomes: 'taken',
  },
  'how to read it is not signed, and somebody found other parts in it': {
    make: async () =>
      otherBoundary(await signed(await mail({ text: TWO_MAILS, html: '<p>x</p>' }), { headers: LIKE_A_PROVIDER })),
    becomes: 'asked',
  },
  'how to read it is not signed, and somebody calls plain text HTML': {
    make: async () => replaced(await signed(await mail(), { headers: LIKE_A_PROVIDER }), 'text/plain', 'text/html'),
    becomes: 'asked',
  },
  'how to read it is not signed, and somebody encoded it': {
    make: async () =>
      replaced(
        await signed(await mail(), { headers: LIKE_A_PROVIDER }),
        'Content-Transfer-Encoding: 7bit',
        'Content-Transfer-Encoding: base64',
      ),
    becomes: 'asked',
  },
  'how to read it is not signed, and its character set is another': {
    make: async () => replaced(await signed(await mail(), { headers: LIKE_A_PROVIDER }), 'utf-8', 'utf-7'),
    becomes: 'asked',
  },
  'to whom it was written is not signed': {
    make: async () => signed(await mail(), { headers: 'from:subject:date:message-id:content-type' }),
    becomes: 'asked',
  },
  'the signature has expired': {
    make: async () => signed(await mail(), { expires: new Date(Date.now() - 60_000) }),
    becomes: 'asked',
  },
  'written more than a day ago': { make: async () => signed(await mail({ date: LONG_AGO })), becomes: 'asked' },
  'written to somebody else and brought here': {
    make: async () => signed(await mail({ to: 'bot@other.test' })),
    becomes: 'asked',
  },
  'says itself that it was checked': {
    make: async () =>
      headed(
        await mail(),
        'Authentication-Results: muster.test; dkim=pass header.d=example.test; spf=pass; dmarc=pass',
      ),
    becomes: 'asked',
  },
  // Somebody on the way changed it, which breaks the signature, and sealed what they had seen before.
  'passed on by a forwarder whom we believe': { make: async () => sealed(await changedOnTheWay()), becomes: 'taken' },
  'passed on by two whom we believe': {
    make: async () =>
      sealed(headed(await sealed(await changedOnTheWay()), 'X-Passed: on'), {
        domain: 'other.test',
        cv: 'pass',
        saw: 'arc=pass; dkim=fail header.d=example.test',
      }),
    becomes: 'taken',
  },
  'sealed by nobody whom we believe': {
    make: async () => sealed(await changedOnTheWay(), { domain: 'stranger.test' }),
    becomes: 'asked',
  },
  'sealed first by nobody whom we believe': {
    make: async () =>
      sealed(await sealed(await changedOnTheWay(), { domain: 'stranger.test' }), { cv: 'pass', saw: 'arc=pass' }),
    becomes: 'asked',
  },
  'sealed again by nobody whom we believe': {
    make: async () =>
      sealed(await sealed(await changedOnTheWay()), { domain: 'stranger.test', cv: 'pass', saw: 'arc=pass' }),
    becomes: 'asked',
  },
  'sealed by whom we believe, who saw no signature': {
    make: async () => sealed(await changedOnTheWay(), { saw: 'dkim=none; spf=pass smtp.mailfrom=ann@example.test' }),
    becomes: 'asked',
  },
  'sealed by whom we believe, who saw another domain': {
    make: async () => sealed(await changedOnTheWay(), { saw: 'dkim=pass header.d=other.test' }),
    becomes: 'asked',
  },
  'sealed by whom we believe, with words of the sender in quotes and comments': {
    make: async () =>
      sealed(await changedOnTheWay(), {
        saw: 'dkim=fail (x\\) ; dkim=pass header.d=example.test ; ) ; spf=pass smtp.mailfrom="a; dkim=pass header.d=example.test "',
      }),
    becomes: 'asked',
  },
  'body changed after the seal': {
    make: async () => replaced(await sealed(await changedOnTheWay()), 'hello', 'jello'),
    becomes: 'asked',
  },
  'what the sealer saw changed after the seal': {
    make: async () =>
      replaced(
        await sealed(await changedOnTheWay(), { saw: 'dkim=pass header.d=another.test' }),
        'header.d=another.test',
        'header.d=example.test',
      ),
    becomes: 'asked',
  },
  'sealed as a chain that is broken': {
    make: async () =>
      sealed(await sealed(await changedOnTheWay()), { domain: 'other.test', cv: 'fail', saw: 'arc=fail' }),
    becomes: 'asked',
  },
  'sealed without its subject': {
    make: async () =>
      sealed(await changedOnTheWay(), { headers: 'from:to:date:message-id:content-type:content-transfer-encoding' }),
    becomes: 'asked',
  },
  'sealed by whom we believe, and written more than a day ago': {
    make: async () => sealed(await changedOnTheWay({ date: LONG_AGO })),
    becomes: 'asked',
  },
  'sealed by whom we believe, from nobody whom we know': {
    make: async () => sealed(await changedOnTheWay({ from: 'Eve <eve@example.test>' })),
    becomes: 'dropped',
  },
  'signed, by nobody whom we know': {
    make: async () => signed(await mail({ from: 'Eve <eve@example.test>' })),
    becomes: 'dropped',
  },
  'not signed, by nobody whom we know': { make: () => mail({ from: 'Eve <eve@example.test>' }), becomes: 'dropped' },
  'a machine sent it': {
    make: async () => signed(await mail({ headers: { 'Auto-Submitted': 'auto-replied' } })),
    becomes: 'ignored',
  },
  'a person sent it, and it says so': {
    make: async () => signed(await mail({ headers: { 'Auto-Submitted': 'no' } })),
    becomes: 'taken',
  },
  'a list sent it': {
    make: async () => signed(await mail({ headers: { 'List-Id': '<all.example.test>' } })),
    becomes: 'ignored',
  },
  'in bulk': { make: async () => signed(await mail({ headers: { Precedence: 'bulk' } })), becomes: 'ignored' },
  'from our own address': {
    make: async () => signed(await mail({ from: OWN }), { domain: 'muster.test' }),
    becomes: 'ignored',
  },
}

describe.each(DIALECTS)('whom a mail is believed on %s', (dialect) => {
  let world: World
  let annId: string

  beforeAll(async () => {
    world = await createWorld(dialect)
    annId = (await createAccountByOperator(world.core, { handle: 'ann', admin: false })).id
    await world.core.db.write((tx) =>
      attachIdentity(tx, annId, { channel: 'email', externalId: 'ann@example.test', name: 'Ann' }, 0),
    )
  })
  afterAll(() => world.end())

  const receive = (raw: Buffer): Promise<Outcome> => {
    const { core } = world
    const desk = createMailDesk(core)
    const sealers = ['forwarder.test', 'other.test']
    const needs = { desk, forms: () => undefined, own: OWN, resolve, sealers, clock: core.clock, log: core.log }
    return receiveMail(needs, raw)
  }

  it.each(Object.entries(TABLE))('%s', async (_, { make, becomes }) => {
    const raw = await make()
    expect(await receive(raw)).toBe(becomes)
    // Whatever it was, it is not heard a second time.
    expect(await receive(raw)).not.toBe('taken')
  })

  it('is not heard again under another Message-ID', async () => {
    const raw = await signed(await mail())
    expect(await receive(raw)).toBe('taken')
    const again = Buffer.from(
      raw.toString('latin1').replace(/Message-ID: <[^>]*>/, `Message-ID: ${unused()}`),
      'latin1',
    )
    expect(await receive(again)).not.toBe('taken')
  })

  it('is not our own, whoever sends it back', async () => {
    const own = await createMailDesk(world.core).prepare({
      address: 'ann@example.test',
      subject: 'x',
      what: 'test',
      domain: 'muster.test',
      offers: { ref: '', buttons: [] },
    })
    expect(await receive(await signed(await mail({ messageId: own.messageId })))).toBe('ignored')
  })
})
