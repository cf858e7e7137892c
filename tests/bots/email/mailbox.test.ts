import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { query } from '#db/statement.ts'
import { CUTS, openProxy } from '#tests/peers/mail-stack/proxy.ts'
import { type MailStack, needsMailStack, openMailStack } from '#tests/peers/mail-stack/stack.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { addAnn, readMailbox, writeTo } from './mailbox-reader.ts'

/** Cuts at every command of a session, in every way, are in dovecot.test.ts; here is one of each. */
describe.runIf(needsMailStack())('a mailbox on a real server', { timeout: 120_000 }, () => {
  let stack: MailStack
  let world: World

  beforeAll(async () => {
    stack = await openMailStack()
    world = await createWorld('sqlite')
    await addAnn(world)
  })
  afterAll(async () => {
    await world?.end()
    stack?.close()
  })

  const write = (user: string): Promise<string> => writeTo(stack, user)

  it('takes what comes from now on, each once, in order, and nothing that was there before', async () => {
    const user = 'first@test.local'
    await write(user)
    await eventually(() => expect(stack.letters(user)).toHaveLength(1))
    const reader = readMailbox(stack, world, { user })
    await eventually(async () => expect(await reader.cursor()).toMatchObject({ uid: 1 }))
    const sent = [await write(user), await write(user), await write(user)]
    await eventually(() => expect(reader.taken).toEqual(sent))
    await reader.stop()
    const whileAway = await write(user)
    const again = readMailbox(stack, world, { user })
    await eventually(() => expect(again.taken).toEqual([whileAway]))
    await again.stop()
  })

  it('is a baseline again when it was numbered anew', async () => {
    const user = 'second@test.local'
    const reader = readMailbox(stack, world, { user })
    await eventually(async () => expect(await reader.cursor()).toMatchObject({ uid: 0 }))
    const sent = await write(user)
    await eventually(() => expect(reader.taken).toEqual([sent]))
    await reader.stop()
    rmSync(join(stack.mailbox(user), 'dovecot-uidlist'))
    for (const file of ['dovecot.index', 'dovecot.index.log', 'dovecot.index.cache', 'dovecot-uidvalidity'])
      rmSync(join(stack.mailbox(user), file), { force: true })
    const before = await reader.cursor()
    const again = readMailbox(stack, world, { user })
    await eventually(async () => expect((await again.cursor())?.uidValidity).not.toBe(before?.uidValidity))
    const next = await write(user)
    await eventually(() => expect(again.taken).toEqual([next]))
    await again.stop()
  })

  it('loses and repeats nothing when the connection breaks', async () => {
    const user = 'third@test.local'
    const proxy = await openProxy(stack.imapPort)
    const reader = readMailbox(stack, world, { user, port: proxy.port })
    await reader.begun()
    const sent: string[] = []
    for (const command of ['UID FETCH', 'UID SEARCH', 'IDLE', 'NOOP']) {
      for (const cut of CUTS) {
        proxy.cutAt(command, cut)
        sent.push(await write(user))
        await eventually(() => expect(reader.taken).toEqual(sent))
      }
    }
    await reader.stop()
    await proxy.close()
  })

  it('finds out that a connection is dead that does not say so', async () => {
    const user = 'fourth@test.local'
    const proxy = await openProxy(stack.imapPort)
    const reader = readMailbox(stack, world, { user, port: proxy.port })
    await reader.begun()
    proxy.silence()
    const sent = await write(user)
    await eventually(() => expect(reader.taken).toEqual([sent]))
    await reader.stop()
    await proxy.close()
  })

  it('takes a mail again that was fetched and not stored', async () => {
    const user = 'fifth@test.local'
    let failures = 2
    const beforeStoring = (): void => {
      if (failures-- > 0) throw new Error('The process died here')
    }
    const reader = readMailbox(stack, world, { user, beforeStoring })
    await reader.begun()
    const sent = await write(user)
    await eventually(() => expect(reader.taken).toEqual([sent]))
    await reader.stop()
  })

  it('puts a mail aside that nothing can be made of, and goes on with what is behind it', async () => {
    const user = 'sixth@test.local'
    let tries = 0
    let bad = 'none yet'
    const beforeStoring = (raw: Uint8Array): void => {
      if (!Buffer.from(raw).toString('latin1').includes(`Subject: ${bad}\r\n`)) return
      tries++
      throw new Error('Nothing can be made of it')
    }
    const reader = readMailbox(stack, world, { user, beforeStoring, triesMost: 3 })
    await reader.begun()
    bad = await write(user)
    const behind = await write(user)
    await eventually(() => expect(reader.taken).toEqual([behind]))
    expect(tries).toBe(3)
    const dropped = await query(world.core.db, (q) =>
      q.selectFrom('event').select('details_json').where('type', '=', 'mail.dropped'),
    )
    expect(JSON.stringify(dropped)).toContain('each try to take it failed')
    await reader.stop()
  })
})
