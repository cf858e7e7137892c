import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { receiveMail } from '#bots/email/incoming.ts'
import { Mailbox } from '#bots/email/mailbox.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { attachIdentity } from '#core/accounts/identities.ts'
import { createMailDesk } from '#core/mail/desk.ts'
import { openProxy } from '#tests/peers/mail-stack/proxy.ts'
import { type MailStack, needsMailStack, openMailStack } from '#tests/peers/mail-stack/stack.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { resolve, signed, written } from './harness.ts'

describe.runIf(needsMailStack())('a mailbox on a real server', { timeout: 120_000 }, () => {
  let stack: MailStack
  let world: World

  beforeAll(async () => {
    stack = await openMailStack()
    world = await createWorld('sqlite')
    const { id } = await createAccountByOperator(world.core, { handle: 'ann', admin: false })
    await world.core.db.write((tx) =>
      attachIdentity(tx, id, { channel: 'email', externalId: 'ann@example.test', name: 'Ann' }, 0),
    )
  })
  afterAll(async () => {
    await world.end()
    stack.close()
  })

  let count = 0
  /** Somebody writes one mail, which its subject is known by. */
  async function write(user: string): Promise<string> {
    const subject = `/echo ${++count}`
    const mail = { subject, text: 'x', to: user, messageId: `<m${count}@example.test>`, date: new Date() }
    await stack.deliver(user, await signed(await written(mail)))
    return subject
  }

  /** Reads until it is stopped; `taken` is what the commands would get, in order. */
  function reading(user: string, port = stack.imapPort, beforeStoring?: () => void) {
    const { core } = world
    const desk = createMailDesk(core)
    const taken: string[] = []
    const stopping = new AbortController()
    const needs = { desk, forms: () => undefined, own: user, resolve, clock: core.clock, log: core.log }
    const mailbox = new Mailbox({
      url: stack.imapUrl(user, port),
      desk,
      async take(raw, place) {
        beforeStoring?.()
        const outcome = await receiveMail(needs, raw, place)
        if (outcome === 'taken') taken.push(/^Subject: (.*)\r$/m.exec(raw.toString())?.[1] ?? '')
      },
      clock: core.clock,
      log: core.log,
      pollMs: 300,
      timeoutMs: 2_000,
    })
    const done = mailbox.read(stopping.signal)
    return {
      taken,
      ready: () => eventually(() => expect(mailbox.trouble()).toBeUndefined()),
      cursor: () => desk.cursor(`${user}@127.0.0.1:${port}/INBOX`),
      async stop() {
        stopping.abort()
        await done
      },
    }
  }

  it('takes what comes from now on, each once, in order, and nothing that was there before', async () => {
    const user = 'first@test.local'
    await write(user)
    const reader = reading(user)
    await eventually(async () => expect(await reader.cursor()).toMatchObject({ uid: 1 }))
    const sent = [await write(user), await write(user), await write(user)]
    await eventually(() => expect(reader.taken).toEqual(sent))
    await reader.stop()
    const while_away = await write(user)
    const again = reading(user)
    await eventually(() => expect(again.taken).toEqual([while_away]))
    await again.stop()
  })

  it('is a baseline again when it was numbered anew', async () => {
    const user = 'second@test.local'
    const reader = reading(user)
    await eventually(async () => expect(await reader.cursor()).toMatchObject({ uid: 0 }))
    const sent = await write(user)
    await eventually(() => expect(reader.taken).toEqual([sent]))
    await reader.stop()
    rmSync(join(stack.mailbox(user), 'dovecot-uidlist'))
    for (const file of ['dovecot.index', 'dovecot.index.log', 'dovecot.index.cache', 'dovecot-uidvalidity'])
      rmSync(join(stack.mailbox(user), file), { force: true })
    const before = await reader.cursor()
    const again = reading(user)
    await eventually(async () => expect((await again.cursor())?.uidValidity).not.toBe(before?.uidValidity))
    const next = await write(user)
    await eventually(() => expect(again.taken).toEqual([next]))
    await again.stop()
  })

  it('loses and repeats nothing, whichever command the connection breaks at', async () => {
    const user = 'third@test.local'
    const proxy = await openProxy(stack.imapPort)
    const reader = reading(user, proxy.port)
    await eventually(async () => expect(await reader.cursor()).toBeDefined())
    const sent: string[] = []
    for (let place = 1; place <= 12; place++) {
      proxy.cutAt(place)
      sent.push(await write(user))
      await eventually(() => expect(reader.taken).toEqual(sent), 20_000)
    }
    await reader.stop()
    await proxy.close()
  })

  it('finds out that a connection is dead that does not say so', async () => {
    const user = 'fourth@test.local'
    const proxy = await openProxy(stack.imapPort)
    const reader = reading(user, proxy.port)
    await eventually(async () => expect(await reader.cursor()).toBeDefined())
    proxy.silence()
    const sent = await write(user)
    await eventually(() => expect(reader.taken).toEqual([sent]))
    await reader.stop()
    await proxy.close()
  })

  it('takes a mail again that was fetched and not stored', async () => {
    const user = 'fifth@test.local'
    let failures = 2
    const reader = reading(user, stack.imapPort, () => {
      if (failures-- > 0) throw new Error('The process died here')
    })
    await eventually(async () => expect(await reader.cursor()).toBeDefined())
    const sent = await write(user)
    await eventually(() => expect(reader.taken).toEqual([sent]))
    await reader.stop()
  })
})
