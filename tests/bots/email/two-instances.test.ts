import { afterEach, describe, expect, it } from 'vitest'
import { type App, startApp } from '#tests/e2e/support/app.ts'
import { askNames, type Names, openNames } from '#tests/peers/mail-stack/names.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { relayed, signed, written } from './harness.ts'
import { countsOf } from './mail-counts.ts'
import { openPost, type Post } from './post.ts'

const SECRET = 'what both relays sign by, for certain'
const DOMAINS = ['example.test', 'other.test'] as const

/** What happens to a mail on its way. */
type Way = (raw: Buffer) => Buffer

const without =
  (...names: string[]): Way =>
  (raw) => {
    const [head = '', ...body] = raw.toString('latin1').split('\r\n\r\n')
    const lines = head.split(/\r\n(?![ \t])/)
    const left = lines.filter((line) => !names.some((name) => line.toLowerCase().startsWith(`${name}:`)))
    return Buffer.from([left.join('\r\n'), ...body].join('\r\n\r\n'), 'latin1')
  }

const MACHINE_MARKS = ['auto-submitted', 'x-auto-response-suppress', 'list-unsubscribe', 'list-unsubscribe-post']
const WAYS: { name: string; way: Way }[] = [
  { name: 'as they are', way: (raw) => raw },
  { name: 'without what says that a machine wrote them', way: without(...MACHINE_MARKS) },
  { name: 'without that and their threads', way: without(...MACHINE_MARKS, 'in-reply-to', 'references', 'reply-to') },
]
/** What one of them is told that the other seems to have written: a command, one that asks back, and neither. */
const FIRST_WORDS = ['whoami', 'run release-notes', 'Hello there, how are you?']

interface Instance {
  app: App
  own: string
  domain: string
  post: Post
  /** How many of its mails were brought to the other one. */
  passed: number
}

/**
 * Each knows the other as its admin, and both domains sign: nothing but their manners keeps them from talking for ever.
 */
describe.each(WAYS)('two instances whose mails reach each other $name', ({ way }) => {
  let instances: Instance[] = []
  let names: Names | undefined
  let unask: (() => void) | undefined
  afterEach(async () => {
    for (const { app, post } of instances) {
      await app.end()
      await post.close()
    }
    unask?.()
    names?.close()
    instances = []
  })

  async function begin(at: 0 | 1): Promise<Instance> {
    const domain = DOMAINS[at]
    const own = `bot@${domain}`
    const post = await openPost()
    const settings = {
      // Neither knows what the other made by its marks.
      AUTH_SECRET: `a secret that only ${domain} has, and nobody else`,
      EMAIL_SMTP_URL: post.url,
      EMAIL_FROM: `Muster <${own}>`,
      EMAIL_RELAY_SECRET: SECRET,
    }
    return { app: await startApp(DIALECTS[at] ?? 'sqlite', { settings }), own, domain, post, passed: 0 }
  }
  async function bring({ app }: Instance, raw: Buffer): Promise<void> {
    const { headers } = relayed(raw, SECRET)
    const body = { method: 'POST', headers: Object.fromEntries(headers), body: Uint8Array.from(raw) }
    expect((await fetch(`${app.url}/webhooks/email`, body)).status).toBe(200)
  }
  let count = 0
  /** As if `from` had written by hand to `to`. */
  async function write(from: Instance, to: Instance, subject: string): Promise<void> {
    const messageId = `<hand${++count}@${from.domain}>`
    const raw = await written({ from: from.own, to: to.own, subject, text: '', messageId, date: new Date() })
    await bring(to, await signed(raw, { domain: from.domain }))
  }
  const untilStill = ({ app }: Instance): Promise<void> =>
    eventually(async () => expect((await countsOf({ databaseUrl: app.database.url })).waiting).toBe(0))
  /** Carries mails to and fro until there are no more. */
  async function carry(one: Instance, other: Instance): Promise<void> {
    for (let rounds = 0; rounds < 50; rounds++) {
      await untilStill(one)
      await untilStill(other)
      const news = [
        { from: one, to: other },
        { from: other, to: one },
      ].flatMap(({ from, to }) => from.post.mails.slice(from.passed).map(({ raw }) => ({ from, to, raw })))
      if (news.length === 0) return
      for (const { from, to, raw } of news) {
        from.passed++
        await bring(to, await signed(way(raw), { domain: from.domain }))
      }
    }
  }

  it.each(FIRST_WORDS)('come to rest after one answer at the most: %s', { timeout: 120_000 }, async (words) => {
    names = await openNames()
    unask = askNames(names)
    const [one, other] = [await begin(0), await begin(1)]
    instances = [one, other]
    await write(other, one, `start ${one.app.claimCode}`)
    await write(one, other, `start ${other.app.claimCode}`)
    for (const instance of instances) {
      await eventually(() => expect(instance.post.mails).toHaveLength(1))
      instance.passed = 1
    }
    await write(other, one, words)
    await eventually(() => expect(one.post.mails).toHaveLength(2))
    await carry(one, other)
    expect([one, other].map(({ post }) => post.mails.length - 1)).toEqual([1, 0])
    expect([one, other].flatMap(({ app }) => app.errors)).toEqual([])
  })
})
