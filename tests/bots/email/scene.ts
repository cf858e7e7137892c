import { type ParsedMail, simpleParser } from 'mailparser'
import { expect } from 'vitest'
import type { Channel } from '#bots/channel.ts'
import { createEmailChannel, type EmailOptions } from '#bots/email/bot.ts'
import { createHandle } from '#commands/dispatch.ts'
import { wordsOn } from '#commands/words/understand.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { attachIdentity } from '#core/accounts/identities.ts'
import type { Actor } from '#core/actor.ts'
import type { Sender } from '#core/chat/sender.ts'
import { personal } from '#core/context.ts'
import { createFormDesk } from '#core/forms/desk.ts'
import type { ReviewDefinition } from '#core/jobs/definition.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { startWork } from '#core/work.ts'
import type { Dialect } from '#db/db.ts'
import { query } from '#db/statement.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World, type WorldOptions } from '#tests/support/world.ts'
import { emailOptions, relayed, signed, type Written, written } from './harness.ts'
import { openPost, type Post } from './post.ts'

/** A mail as whoever gets it has it. */
export type Got = ParsedMail & { raw: string }

/** Somebody who writes mails. */
export interface Writer {
  address: string
  /** Gives the Message-ID. */
  write(mail: Partial<Written> & { subject: string }, how?: { isSigned?: boolean }): Promise<string>
  /** Answers a mail as a mail program does: to its Reply-To, with what is answered below. */
  answer(mail: Got, text: string, more?: Partial<Written>): Promise<string>
  /** The mails they got, oldest first. */
  got(): Promise<Got[]>
  /** The first one that fits, of those after so many. */
  gets(fits: RegExp, after?: number): Promise<Got>
}

export interface MailScene {
  world: World
  post: Post
  email: Channel
  clock: ShiftedClock
  writer(name: string): Writer
  person(name: string, how?: { admin?: boolean; isKnownByMail?: boolean }): Promise<Writer & { actor: Actor }>
  /** A published job of theirs that asks this; the command that starts it. */
  asks(actor: Actor, review: ReviewDefinition): Promise<string>
  bring(raw: Buffer): Promise<number>
  events(type: string): Promise<Record<string, unknown>[]>
  end(): Promise<void>
}

export type SceneOptions = WorldOptions & { email?: Partial<EmailOptions>; others?: Sender[] }

/** The real commands on a real database, with a relay in front and a mail server behind. */
export async function createMailScene(
  dialect: Dialect,
  { email: changed = {}, others = [], ...options }: SceneOptions = {},
): Promise<MailScene> {
  const clock = new ShiftedClock()
  const world = await createWorld(dialect, { clock, ...options, settings: { hasMail: true, ...options.settings } })
  const { core } = world
  await seedShipped(core)
  const post = await openPost()
  const email = createEmailChannel({ ...emailOptions(core, post), answersPerHour: 100, ...changed })
  const senders = new Map([email, ...others].map((one) => [one.name, one]))
  await startWork(core, { handle: createHandle(core, senders), senders, words: wordsOn(core) })
  await email.start(async () => {}, { forms: createFormDesk(core) })
  let count = 0

  const bring = async (raw: Buffer): Promise<number> =>
    (await email.webhook?.(relayed(raw, undefined, clock.nowMs())))?.status ?? 0

  function writer(name: string): Writer {
    const address = `${name}@example.test`
    const self: Writer = {
      address,
      async write(mail, { isSigned = true } = {}) {
        const messageId = `<${name}.${++count}@example.test>`
        const raw = await written({
          from: `${name} <${address}>`,
          messageId,
          date: new Date(clock.nowMs()),
          text: '',
          ...mail,
        })
        expect(await bring(isSigned ? await signed(raw) : raw)).toBe(200)
        return messageId
      },
      answer(mail, text, more = {}) {
        const to = mail.replyTo?.value[0]?.address ?? ''
        const references = [...[mail.references ?? []].flat(), mail.messageId ?? '']
        const quoted = (mail.text ?? '')
          .trimEnd()
          .split('\n')
          .map((line) => `> ${line}`.trimEnd())
        const whole = `${text}\n\nOn Fri, 20 Nov 2026 at 10:02, Muster <bot@muster.test> wrote:\n${quoted.join('\n')}\n`
        const subject = mail.subject?.startsWith('Re: ') ? mail.subject : `Re: ${mail.subject}`
        return self.write({ to, subject, text: whole, references, ...more })
      },
      got: () =>
        Promise.all(
          post.to(address).map(async ({ raw }) => ({ ...(await simpleParser(raw)), raw: raw.toString('latin1') })),
        ),
      gets: (fits, after = 0) =>
        eventually(async () => {
          const all = await self.got()
          const found = all.slice(after).find(({ text = '' }) => fits.test(text))
          if (!found) throw new Error(`No mail to ${name} says ${fits}: ${all.map(({ text }) => text).join('\n---\n')}`)
          return found
        }),
    }
    return self
  }

  let jobs = 0
  return {
    world,
    post,
    email,
    clock,
    writer,
    bring,
    async person(name, { admin = false, isKnownByMail = true } = {}) {
      const account = await createAccountByOperator(core, { handle: name, admin })
      const self = writer(name)
      if (isKnownByMail) {
        const identity = { channel: 'email', externalId: self.address, name, privateConversation: self.address }
        await core.db.write((tx) => attachIdentity(tx, account.id, identity, clock.nowMs()))
      }
      const { id: accountId, handle, platformRole } = account
      return { ...self, actor: { accountId, handle, platformRole, channel: 'email', context: personal(accountId) } }
    },
    async asks(actor, review) {
      const jobId = `asks-${++jobs}`
      const source = {
        jobId,
        displayName: `Job ${jobs}`,
        description: '',
        inputSchema: { type: 'object', properties: {} },
        steps: [
          {
            stepId: 'say',
            toolId: 'text.template',
            inputMappings: { template: { template: 'Draft {{ review.comment }}' }, data: { value: {} } },
          },
          { stepId: 'ok', review },
        ],
        outputs: { answer: { step: 'ok', output: review.kind === 'form' ? 'title' : 'decision' } },
      }
      await saveJob(core, actor, { source: source as never, publish: true })
      return `run ${jobId}`
    },
    events: async (type) =>
      (await query(core.db, (q) => q.selectFrom('event').selectAll().where('type', '=', type))) as never,
    async end() {
      await email.stop()
      await core.queue.stop(2_000)
      await world.end()
      await post.close()
    },
  }
}
