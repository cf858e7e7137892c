import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CUTS, type CuttingProxy, openProxy } from '#tests/peers/mail-stack/proxy.ts'
import { type MailStack, needsMailStack, openMailStack } from '#tests/peers/mail-stack/stack.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { addAnn, type Reader, readMailbox, writeTo } from './mailbox-reader.ts'

/** What does not fit into one read of a socket. */
const LARGE = 'A line of a long mail.\r\n'.repeat(20_000)
/** Connecting, three mails, and the rounds of idling that follow. */
const PLACES = 22
const IN_ANY_SESSION = ['AUTHENTICATE', 'DONE', 'EXAMINE', 'IDLE', 'NOOP', 'UID FETCH', 'UID SEARCH']

describe.runIf(needsMailStack()).each(DIALECTS)(
  'a mailbox that breaks everywhere, on %s',
  {
    timeout: 300_000,
  },
  (dialect) => {
    let stack: MailStack
    let world: World
    let proxy: CuttingProxy

    beforeAll(async () => {
      stack = await openMailStack()
      world = await createWorld(dialect)
      await addAnn(world)
    })
    afterAll(async () => {
      await world?.end()
      stack?.close()
    })

    const begin = async (user: string): Promise<Reader> => {
      proxy = await openProxy(stack.imapPort)
      const reader = readMailbox(stack, world, { user, port: proxy.port })
      await reader.begun()
      return reader
    }
    /** Each mail once, and in the order in which the server has them, which may be another than that of writing. */
    const expectTaken = (reader: Reader, sent: readonly string[]): Promise<void> =>
      eventually(() => {
        expect(reader.taken.toSorted()).toEqual(sent.toSorted())
        expect(reader.uids).toEqual(reader.uids.toSorted((one, other) => one - other))
      })

    it.each(CUTS)('at each command of whole sessions, %s it', async (cut) => {
      const user = `${cut}@test.local`
      const reader = await begin(user)
      const sent: string[] = []
      const met = new Set<string>()
      let inLiterals = 0
      for (let place = 1; place <= PLACES; place++) {
        // The connection that stands is ended first, so that the places are those of a whole session.
        proxy.cuts.length = 0
        proxy.cutAt(1)
        await eventually(() => expect(proxy.cuts).toHaveLength(1))
        proxy.cutAt(place, cut)
        for (const text of ['x', LARGE, 'x']) sent.push(await writeTo(stack, user, text))
        await eventually(() => expect(proxy.cuts).toHaveLength(2))
        const { command = '', isInLiteral = false } = proxy.cuts[1] ?? {}
        met.add(command)
        if (isInLiteral) inLiterals++
        await expectTaken(reader, sent)
      }
      await reader.stop()
      await proxy.close()
      expect([...met]).toEqual(expect.arrayContaining(IN_ANY_SESSION))
      if (cut === 'within') expect(inLiterals).toBeGreaterThan(0)
      console.log(`IMAP cut ${cut} ${PLACES} commands on ${dialect}: ${sent.length} mails, 0 missed, 0 repeated`)
    })

    it.each(CUTS)('when it says farewell, %s that', async (cut) => {
      const user = `farewell.${cut}@test.local`
      const reader = await begin(user)
      const first = await writeTo(stack, user)
      await expectTaken(reader, [first])
      proxy.cutAt('LOGOUT', cut)
      await reader.stop()
      expect(proxy.cuts).toMatchObject([{ command: 'LOGOUT' }])
      const second = await writeTo(stack, user)
      const again = readMailbox(stack, world, { user, port: proxy.port })
      await expectTaken(again, [second])
      await again.stop()
      await proxy.close()
    })

    it('finds by the clock what the server does not tell while it idles', async () => {
      const user = 'muffled@test.local'
      const reader = await begin(user)
      proxy.muffle()
      const sent: string[] = []
      for (let count = 0; count < 5; count++) {
        sent.push(await writeTo(stack, user))
        await expectTaken(reader, sent)
      }
      expect(proxy.commands.filter((command) => command === 'AUTHENTICATE')).toHaveLength(1)
      await reader.stop()
      await proxy.close()
    })

    it('goes on where it was when the server was started anew, with what was written meanwhile', async () => {
      const user = 'restarted@test.local'
      const reader = await begin(user)
      const sent = [await writeTo(stack, user)]
      await expectTaken(reader, sent)
      await stack.restart(async () => void sent.push(await writeTo(stack, user), await writeTo(stack, user)))
      await expectTaken(reader, sent)
      await reader.stop()
      await proxy.close()
    })
  },
)
