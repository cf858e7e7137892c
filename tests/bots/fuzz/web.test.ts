import { afterEach, describe, expect, it } from 'vitest'
import { createWebChannel } from '#bots/web/chat.ts'
import type { Part } from '#core/chat/message.ts'
import { putMessage } from '#core/chat/outbox.ts'
import { webChanges } from '#core/chat/web.ts'
import { startWork } from '#core/work.ts'
import { type Inline, parseInline } from '#server/console/src/chat/markdown/inline.ts'
import { type Block, parseMarkdown } from '#server/console/src/chat/markdown/parse.ts'
import { Random } from '#tests/crash/random.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { hostileParts, PART_TYPES } from './parts.ts'
import { hostileText, TEXTS } from './texts.ts'

/** There it is the database that could change a text, and each delivery is a transaction or two over a connection. */
const TEXTS_ON_POSTGRES = Math.min(TEXTS, 2_000)
const SEED = Number(process.env.SEED ?? 20_261_126)
const BATCH = 100
const PLACE = 'web_ann'

describe.each(DIALECTS)(`texts in the web chat, seed ${SEED}, on %s`, (dialect) => {
  let world: World
  afterEach(async () => {
    await world.core.queue.stop()
    await world.end()
  })

  it('come out of the outbox and its database as they went in, in order', { timeout: 240_000 }, async () => {
    world = await createWorld(dialect)
    const { core } = world
    const parts = [...hostileParts(new Random(SEED), dialect === 'sqlite' ? TEXTS : TEXTS_ON_POSTGRES)]
    for (let from = 0; from < parts.length; from += BATCH) {
      await core.db.write(async function putSome(tx) {
        for (const [index, part] of parts.slice(from, from + BATCH).entries()) {
          const message = { channel: 'web', conversation: PLACE, cause: `in:${from + index}` }
          await putMessage(core, tx, { ...message, reply: { parts: [part] } })
        }
      })
    }
    await startWork(core, {
      handle: async () => ({ replies: [] }),
      senders: new Map([['web', createWebChannel(core)]]),
    })
    const shown = await eventually(async () => {
      const all = await readAll()
      expect(all).toHaveLength(parts.length)
      return all
    }, 200_000)
    // A half of a character is not one: it comes back as JSON has it, and that has it whole.
    expect(shown).toEqual(parts)
    expect([...new Set(shown.map(({ type }) => type))].toSorted()).toEqual(PART_TYPES.toSorted())
    expect(world.errors).toEqual([])
  })

  async function readAll(): Promise<Part[]> {
    const parts: Part[] = []
    for (let after = 0; ; ) {
      const messages = await webChanges(world.core.db, PLACE, after)
      parts.push(...messages.flatMap((message) => message.parts))
      const last = messages.at(-1)
      if (!last) return parts
      after = last.seq
    }
  }
})

describe(`hostile texts in the console, seed ${SEED}`, () => {
  it('show their words, and lead nowhere that nobody wrote', () => {
    const random = new Random(SEED)
    for (let at = 0; at < TEXTS; at++) {
      const source = hostileText(random)
      const blocks = parseMarkdown(source)
      for (const link of linksOf(inlinesOf(blocks))) {
        expect(/^https?:\/\//.test(link) && source.includes(link), JSON.stringify({ source, link })).toBe(true)
      }
    }
  })
})

const linksOf = (inlines: Inline[]): string[] =>
  inlines.flatMap((one) =>
    'children' in one ? [...(one.kind === 'link' ? [one.href] : []), ...linksOf(one.children)] : [],
  )

const inlinesOf = (blocks: Block[]): Inline[] =>
  blocks.flatMap((block) => {
    if (block.kind === 'quote') return inlinesOf(block.blocks)
    if (block.kind === 'list') return block.items.flatMap(inlinesOf)
    return 'text' in block && block.kind !== 'code' ? parseInline(block.text) : []
  })
