import { createHmac, generateKeyPairSync } from 'node:crypto'
import { sealMessage } from 'mailauth/lib/arc/index.js'
import { dkimSign } from 'mailauth/lib/dkim/sign.js'
import { simpleParser } from 'mailparser'
import { createTransport } from 'nodemailer'
import type { Channel } from '#bots/channel.ts'
import { createEmailChannel, type EmailOptions } from '#bots/email/bot.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { attachIdentity } from '#core/accounts/identities.ts'
import { createFormDesk } from '#core/forms/desk.ts'
import { createMailDesk } from '#core/mail/desk.ts'
import { createMailer } from '#core/outbound/mail.ts'
import type { Dialect } from '#db/db.ts'
import { createChatWorld, ShiftedClock } from '#tests/support/chat-world.ts'
import type { Harness, Shown } from '../conformance.ts'
import type { TestCommands } from '../test-commands.ts'
import { openPost, type Post, type Posted } from './post.ts'

export const OWN = 'bot@muster.test'
const SECRET = 'the relay and we know it'

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

/** The names of the world in which people’s domains sign. */
export const resolve: NonNullable<EmailOptions['resolve']> = async (domain, type) => {
  const isKey = /^s1\._domainkey\.(example|students\.example|other|forwarder|stranger)\.test$/.test(domain)
  if (type === 'TXT' && isKey) return [[`v=DKIM1; k=rsa; p=${publicKey.toString('base64')}`]]
  throw Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' })
}

export interface Written {
  from?: string
  to?: string
  subject: string
  text: string
  html?: string
  messageId?: string
  references?: string[]
  date?: Date
  headers?: Record<string, string>
  attachments?: { filename: string; contentType: string; content: Buffer }[]
}

/** A mail as a client writes it: the bytes, unsigned. */
export async function written(mail: Written): Promise<Buffer> {
  const { from = 'Ann <ann@example.test>', to = OWN, references = [], ...rest } = mail
  const composed = await createTransport({ streamTransport: true, buffer: true, newline: 'windows' }).sendMail({
    from,
    to,
    ...rest,
    ...(references.length > 0 ? { inReplyTo: references.at(-1) ?? '', references } : {}),
  })
  return composed.message as Buffer
}

export interface SignOptions {
  domain?: string
  /** Signs only so much of the body (`l=`). */
  bodyLength?: number
  expires?: Date
  /** In place of all that say something. */
  headers?: string
}

/** The same with its domain's signature on top. */
export async function signed(raw: Buffer, { domain = 'example.test', bodyLength, expires, headers }: SignOptions = {}) {
  const { signatures } = await dkimSign(raw, {
    canonicalization: 'relaxed/relaxed',
    algorithm: 'rsa-sha256',
    ...(headers ? { headerList: headers } : {}),
    ...(expires ? { expires, signTime: new Date(expires.getTime() - 60_000) } : {}),
    ...(bodyLength === undefined ? {} : { maxBodyLength: bodyLength }),
    signatureData: [
      {
        signingDomain: domain,
        selector: 's1',
        privateKey,
        ...(bodyLength === undefined ? {} : { maxBodyLength: bodyLength }),
      },
    ],
  } as unknown as Parameters<typeof dkimSign>[1])
  return Buffer.concat([Buffer.from(signatures), raw])
}

export interface SealOptions {
  domain?: string
  /** What the one who seals says they saw. */
  saw?: string
  cv?: 'none' | 'pass' | 'fail'
  headers?: string
}

/** The same as somebody passes it on who seals what they saw (ARC). */
export async function sealed(raw: Buffer, { domain = 'forwarder.test', saw, cv = 'none', headers }: SealOptions = {}) {
  const seal = await sealMessage(raw, {
    signingDomain: domain,
    selector: 's1',
    privateKey,
    cv,
    authResults: `mx.${domain}; ${saw ?? 'dkim=pass header.d=example.test header.s=s1; spf=pass'}`,
    ...(headers ? { headerList: headers } : {}),
  } as unknown as Parameters<typeof sealMessage>[1])
  return Buffer.concat([seal, raw])
}

export function relayed(raw: Uint8Array, secret = SECRET, atMs = Date.now()): Request {
  const timestamp = String(Math.floor(atMs / 1000))
  const signature = createHmac('sha256', secret).update(`${timestamp}.`).update(raw).digest('hex')
  return new Request('http://muster.test/webhooks/email', {
    method: 'POST',
    body: Buffer.from(raw),
    headers: { 'x-muster-timestamp': timestamp, 'x-muster-signature': `v1=${signature}` },
  })
}

export const emailOptions = (
  core: Parameters<typeof createMailDesk>[0] & { log: EmailOptions['log'] },
  post: Post,
) => ({
  from: `Muster <${OWN}>`,
  desk: createMailDesk(core),
  mailer: createMailer({ url: post.url, from: `Muster <${OWN}>` }),
  relaySecret: SECRET,
  resolve,
  clock: core.clock,
  log: core.log,
})

/** The channel by its relay, and a mail server of the world; each person has a thread that goes on. */
export async function createEmailHarness(
  commands: TestCommands,
  dialect: Dialect = 'sqlite',
): Promise<Harness & { post: Post; channel: Channel }> {
  const post = await openPost()
  const clock = new ShiftedClock()
  let channel: Channel | undefined
  const world = await createChatWorld(dialect, {
    clock,
    handle: commands.handle,
    renderCard: commands.renderCard,
    sender: (core) =>
      (channel = createEmailChannel({ ...emailOptions(core, post), answersPerHour: 100, againMs: 2_000 })),
  })
  if (!channel) throw new Error('The world made no channel')
  const email = channel
  await email.start(world.receive, { forms: createFormDesk(world.core) })
  const firsts = new Map<string, string>()
  const posted: Buffer[] = []
  let count = 0

  const addressOf = async (name = 'Ann'): Promise<string> => {
    const address = `${name.toLowerCase()}@example.test`
    if (!firsts.has(name)) {
      firsts.set(name, `<${name}.first@example.test>`)
      const { id } = await createAccountByOperator(world.core, { handle: name.toLowerCase(), admin: false })
      await world.core.db.write((tx) =>
        attachIdentity(
          tx,
          id,
          { channel: 'email', externalId: address, name, privateConversation: address },
          clock.nowMs(),
        ),
      )
      return address
    }
    return address
  }

  async function deliver(raw: Buffer): Promise<void> {
    posted.push(raw)
    const answer = await email.webhook?.(relayed(raw, SECRET, clock.nowMs()))
    if (answer?.status !== 200) {
      console.error(...(world.errors as { err?: unknown }[]).map((e) => e.err ?? e))
      throw new Error(`The relay was answered with ${answer?.status}`)
    }
  }

  async function write(name: string | undefined, text: string, more: Partial<Written> = {}): Promise<void> {
    const address = await addressOf(name)
    const first = firsts.get(name ?? 'Ann') ?? ''
    const messageId = count++ === 0 || !began.has(address) ? first : `<${count}@example.test>`
    const references = began.has(address) ? [first] : []
    began.add(address)
    const raw = await written({
      from: `${name ?? 'Ann'} <${address}>`,
      subject: 'Talk',
      text,
      messageId,
      references,
      date: new Date(clock.nowMs()),
      ...more,
    })
    await deliver(await signed(raw))
  }
  const began = new Set<string>()

  return {
    world,
    post,
    channel: email,
    async say(text, { in: where, file, replyTo } = {}) {
      await write(where, text, {
        ...(file
          ? { attachments: [{ filename: file.name, contentType: file.mediaType, content: Buffer.from(file.bytes) }] }
          : {}),
        ...(replyTo ? { references: [replyTo.id] } : {}),
      })
    },
    async press(message, label, how = {}) {
      await write(how.in, `${label}\n\n> what was asked`, { references: [message.id] })
      return ''
    },
    async shown(where) {
      const address = await addressOf(where)
      return Promise.all(post.to(address).map(shownOf))
    },
    async redeliver(times) {
      for (const raw of posted.toReversed())
        for (let n = 0; n < times; n++) await email.webhook?.(relayed(raw, SECRET, clock.nowMs()))
    },
    async postUnsigned(text) {
      const raw = await signed(await written({ subject: 'x', text }))
      return (await email.webhook?.(relayed(raw, 'guessed', clock.nowMs())))?.status ?? 0
    },
    limitNext: () => post.failNext('later'),
    breakNext: () => post.failNext('break'),
    advance: (ms) => clock.advance(ms),
    complaints: () => post.complaints(),
    async end() {
      await email.stop()
      await world.end()
      await post.close()
    },
  }
}

async function shownOf({ raw }: Posted): Promise<Shown> {
  const mail = await simpleParser(raw)
  return {
    id: mail.messageId ?? '',
    text: (mail.text ?? '').replace(/\n$/, '').trim(),
    buttons: [...(mail.text ?? '').matchAll(/^ {4}(\S.*)$/gm)].map(([, label = '']) => label),
    files: mail.attachments.map(({ filename = '', content }) => ({ name: filename, bytes: content })),
    edits: 0,
    calls: [],
    links: linksIn(mail.html || ''),
  }
}

/** Where links lead whose words say something else. */
const linksIn = (html: string): string[] =>
  [...html.matchAll(/<a [^>]*href="([^"]*)"[^>]*>(.*?)<\/a>/g)].flatMap(([, url = '', words]) =>
    url === words ? [] : [url],
  )
