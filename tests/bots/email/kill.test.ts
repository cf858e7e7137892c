import { setTimeout as sleep } from 'node:timers/promises'
import { simpleParser } from 'mailparser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Names, openNames } from '#tests/peers/mail-stack/names.ts'
import { type CuttingProxy, openProxy } from '#tests/peers/mail-stack/proxy.ts'
import { type MailStack, needsMailStack, openMailStack } from '#tests/peers/mail-stack/stack.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { signed, written } from './harness.ts'
import { countsOf } from './mail-counts.ts'
import { addPerson, MailProcess } from './mail-process.ts'

const BOT = 'bot@test.local'
/** Before and behind each commit of a mail's way from the mailbox to its answer, and some beyond. */
const GATES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14]
const LIFE_MAX_MS = 10_000
const PATIENCE_MS = 60_000
/** Nobody gets more than ten answers an hour. */
const MAILS_EACH = 6

/** The real program, killed at every write between the mailbox and the answer. */
describe.runIf(needsMailStack()).each(DIALECTS)('kill -9 while mail comes, on %s', { timeout: 600_000 }, (dialect) => {
  let stack: MailStack
  let names: Names
  let world: World
  const worlds: World[] = []
  const proxies: CuttingProxy[] = []
  const processes: MailProcess[] = []

  beforeAll(async () => {
    stack = await openMailStack()
    names = await openNames()
  })
  afterAll(async () => {
    for (const one of processes) await one.end()
    for (const one of proxies) await one.close()
    for (const one of worlds) await one.end()
    names?.close()
    stack?.close()
  })

  /** A program that reads through a proxy of its own, which shows whether it does. */
  async function prepare(own: string): Promise<{ program: MailProcess; proxy: CuttingProxy }> {
    const proxy = await openProxy(stack.imapPort)
    proxies.push(proxy)
    const program = new MailProcess({
      databaseUrl: world.databaseUrl,
      names,
      own,
      smtpUrl: stack.smtpUrl,
      // The place in a mailbox goes by its address, which must be the same for all.
      imapUrl: stack.imapUrl(own, proxy.port),
    })
    processes.push(program)
    return { program, proxy }
  }
  async function write(own: string, from: string, what: string): Promise<string> {
    const messageId = `<${what.replaceAll(' ', '.')}@example.test>`
    const mail = { from, to: own, subject: `/createteam ${what}`, text: '', messageId, date: new Date() }
    await stack.deliver(own, await signed(await written(mail)))
    return messageId
  }
  /** It idles, so it has read what there was. */
  const untilIdle = async (proxy: CuttingProxy): Promise<void> => {
    proxy.commands.length = 0
    await eventually(() => expect(proxy.commands).toContain('IDLE'), PATIENCE_MS)
  }
  const untilQuiet = (messageIds: readonly string[]): Promise<void> =>
    eventually(async () => {
      const { inbox, waiting } = await countsOf(world)
      expect(Object.keys(inbox)).toEqual(expect.arrayContaining([...messageIds]))
      expect(waiting).toBe(0)
    }, PATIENCE_MS)
  /** What somebody got of one of their mails. */
  async function answers(address: string, what: string) {
    const mails = await Promise.all(stack.letters(address).map(({ raw }) => simpleParser(raw)))
    const own = mails.map(({ text = '' }) => text).filter((text) => text.includes(`${what} is there, and you own it.`))
    const marked = own.filter((text) => /may be a duplicate/.test(text)).length
    return { plain: own.length - marked, marked }
  }

  it('at each write: every mail is carried out once, and answered', async () => {
    world = await createWorld(dialect)
    worlds.push(world)
    const { program, proxy } = await prepare(BOT)
    await program.start()
    await untilIdle(proxy)
    await program.kill()
    const sent: { address: string; what: string; messageId: string }[] = []
    let deaths = 0
    for (const gate of GATES) {
      const address = await addPerson(world, `gate${gate}`)
      const what = `Crew ${gate}`
      await program.start(gate)
      await untilIdle(proxy)
      // What the life before it left is done first, so that each mail meets one kill.
      await untilQuiet([])
      program.arm()
      sent.push({ address, what, messageId: await write(BOT, address, what) })
      if (await Promise.race([program.ended().then(() => true), sleep(LIFE_MAX_MS, false)])) deaths++
      await program.kill()
    }
    await program.start()
    await untilQuiet(sent.map(({ messageId }) => messageId))
    await program.kill()
    const counts = await countsOf(world)
    let duplicates = 0
    for (const { address, what, messageId } of sent) {
      expect([what, counts.inbox[messageId], counts.teams[what]]).toEqual([what, 1, 1])
      const { plain, marked } = await answers(address, what)
      expect([what, plain <= 1, marked <= 1, plain + marked >= 1]).toEqual([what, true, true, true])
      if (plain + marked > 1) duplicates++
    }
    expect(deaths).toBeGreaterThan(GATES.length / 2)
    console.log(
      `${dialect}: ${deaths} kills at writes, ${sent.length} mails, 0 missed, 0 repeated, ${duplicates} answers twice and marked`,
    )
  })

  it('takes over from a dead process that read the mailbox', async () => {
    world = await createWorld(dialect)
    worlds.push(world)
    const own = 'second@test.local'
    const nodes = [await prepare(own), await prepare(own)]
    for (const { program } of nodes) await program.start()
    const readerOf = () => nodes.find(({ proxy }) => proxy.commands.includes('IDLE'))
    await eventually(() => expect(readerOf()).toBeDefined(), PATIENCE_MS)
    const sent: { address: string; what: string; messageId: string }[] = []
    for (let round = 1; round <= 4; round++) {
      const address = await addPerson(world, `round${round}`)
      const reader = readerOf()
      expect(reader).toBeDefined()
      for (let count = 1; count <= MAILS_EACH; count++) {
        const what = `Team ${round} ${count}`
        sent.push({ address, what, messageId: await write(own, address, what) })
        if (count === round) await reader?.program.kill()
      }
      for (const { proxy } of nodes) proxy.commands.length = 0
      await eventually(() => expect(readerOf()).toBeDefined(), PATIENCE_MS)
      expect(readerOf()).not.toBe(reader)
      await reader?.program.start()
    }
    await untilQuiet(sent.map(({ messageId }) => messageId))
    for (const { program } of nodes) await program.kill()
    const counts = await countsOf(world)
    for (const { address, what, messageId } of sent) {
      expect([what, counts.inbox[messageId], counts.teams[what]]).toEqual([what, 1, 1])
      const { plain, marked } = await answers(address, what)
      expect([what, plain <= 1, marked <= 1, plain + marked >= 1]).toEqual([what, true, true, true])
    }
    console.log(`${dialect}: 4 takeovers, ${sent.length} mails, 0 missed, 0 repeated`)
  })
})
