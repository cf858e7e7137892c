import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Outcome, receiveMail } from '#bots/email/incoming.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { attachIdentity } from '#core/accounts/identities.ts'
import { createMailDesk } from '#core/mail/desk.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { OWN, resolve, signed, type Written, written } from './harness.ts'

const LONG_AGO = new Date(Date.now() - 25 * 3_600_000)
let count = 0
const unused = (): string => `<trust${++count}.${Date.now()}@example.test>`

const mail = (more: Partial<Written> = {}): Promise<Buffer> =>
  written({ subject: '/balance', text: 'hello', messageId: unused(), date: new Date(), ...more })
const replaced = (raw: Buffer, from: string, to: string): Buffer =>
  Buffer.from(raw.toString('latin1').replace(from, to), 'latin1')
const headed = (raw: Buffer, line: string): Buffer => Buffer.concat([Buffer.from(`${line}\r\n`), raw])

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
    return receiveMail({ desk, forms: () => undefined, own: OWN, resolve, clock: core.clock, log: core.log }, raw)
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
