import type { Reader } from '#db/db.ts'
import { deleteMemory, holdMemories, insertMemory, listMemories, type MemoryRow, updateMemory } from '#db/memory.ts'
import type { Actor } from '../actor.ts'
import { type ContextKey, contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { requireReader } from '../runs/reader.ts'
import { requireContext } from '../teams/standing.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids'>

export type Memory = {
  id: string
  text: string
  savedBy: string
  at: string
  /** What from outside may stand in it, in words; null when nothing does. */
  outside: string | null
}

export const MEMORIES_MOST = 1_000
export const MEMORY_CHARACTERS_MAX = 1_000

/** What is remembered for the actor's context, newest first. */
export async function findMemories(core: Pick<Core, 'db'>, actor: Actor, limit = MEMORIES_MOST): Promise<Memory[]> {
  await requireReader(core.db, actor, actor.context, 'such context')
  return (await listMemories.all(core.db, { owner: contextKey(actor.context), limit })).map(view)
}

/** Keeps something for the actor's context. The same request key again keeps it once. */
export async function addMemory(core: Needs, actor: Actor, text: string): Promise<Memory> {
  const words = checked(text)
  const nowMs = core.clock.nowMs()
  return core.db.write(async function addMemory(tx) {
    await requireContext(tx, actor, actor.context, 'work')
    return once(tx, { actor, operation: 'memory.add', input: { text: words }, nowMs }, async () => {
      const owner = contextKey(actor.context)
      await holdMemories.first(tx, { owner })
      if ((await listMemories.all(tx, { owner, limit: MEMORIES_MOST })).length >= MEMORIES_MOST) throw memoriesFull()
      const row = {
        id: core.ids.newId('mem'),
        owner,
        text: words,
        saved_by: actor.accountId,
        at_ms: nowMs,
        outside: null,
      }
      await insertMemory.run(tx, row)
      await appendEvents(tx, nowMs, [{ type: 'memory.added', actor: actor.accountId, context: owner, subject: row.id }])
      return view(row)
    })
  })
}

/** Says it differently. `not_found` for what is remembered for others. */
export async function editMemory(core: Needs, actor: Actor, { id, text }: { id: string; text: string }): Promise<void> {
  const words = checked(text)
  await core.db.write(async function editMemory(tx) {
    await requireContext(tx, actor, actor.context, 'work')
    const owner = contextKey(actor.context)
    if ((await updateMemory.run(tx, { owner, id, text: words })) === 0) throw notFound('such memory')
    const nowMs = core.clock.nowMs()
    await appendEvents(tx, nowMs, [{ type: 'memory.changed', actor: actor.accountId, context: owner, subject: id }])
  })
}

/** Erases it for good; a second time it is `not_found`. */
export async function forgetMemory(core: Needs, actor: Actor, id: string): Promise<void> {
  const nowMs = core.clock.nowMs()
  await core.db.write(async function forgetMemory(tx) {
    await requireContext(tx, actor, actor.context, 'work')
    await once(tx, { actor, operation: 'memory.forget', input: { id }, nowMs }, async () => {
      const owner = contextKey(actor.context)
      if ((await deleteMemory.run(tx, { owner, id })) === 0) throw notFound('such memory')
      await appendEvents(tx, nowMs, [{ type: 'memory.forgotten', actor: actor.accountId, context: owner, subject: id }])
      return null
    })
  })
}

/**
 * What of an owner's memories belongs to a text: most words in common first, the newer of two, and no more than the
 * budget has room for. It is material, never an instruction; those of other owners are not even read.
 */
export async function recallMemory(
  on: Reader,
  owner: ContextKey,
  text: string,
  { characters = 2_000 }: { characters?: number } = {},
): Promise<string[]> {
  const wanted = wordsOf(text)
  const rows = await listMemories.all(on, { owner, limit: MEMORIES_MOST })
  const fitting = rows
    .map((row) => ({ text: shown(row), common: [...wordsOf(row.text)].filter((word) => wanted.has(word)).length }))
    .filter(({ common }) => common > 0)
    // A stable sort: of equals the newest stays first.
    .sort((a, b) => b.common - a.common)
  const recalled: string[] = []
  let left = characters
  for (const one of fitting) {
    if (one.text.length > left) continue
    recalled.push(one.text)
    left -= one.text.length
  }
  return recalled
}

/** Marked where it may repeat what strangers wrote. */
const shown = ({ text, outside }: MemoryRow): string => (outside === null ? text : `(from outside: ${outside}) ${text}`)

const WORD_LEAST = 3

const wordsOf = (text: string): Set<string> =>
  new Set((text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length >= WORD_LEAST))

function checked(text: string): string {
  const words = text.trim()
  if (words === '') throw new AppError('bad_input', 'Say what is to be remembered.')
  if (words.length > MEMORY_CHARACTERS_MAX)
    throw new AppError('bad_input', `A memory has ${MEMORY_CHARACTERS_MAX} characters at most.`)
  return words
}

export const memoriesFull = (): AppError =>
  new AppError(
    'conflict',
    `${MEMORIES_MOST} things are remembered here, which is the most. Forget some first: /memory.`,
  )

const view = ({ id, text, saved_by, at_ms, outside }: MemoryRow): Memory => ({
  id,
  text,
  savedBy: saved_by,
  at: new Date(at_ms).toISOString(),
  outside,
})
