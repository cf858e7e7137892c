import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { placeOf } from '#core/connections/connection.ts'
import { keyringOf, masterKey } from '#core/connections/keyring.ts'
import { countUnderOthers, rewrapSecrets } from '#core/connections/rewrap.ts'
import { rotateConnection } from '#core/connections/save.ts'
import { seal } from '#core/connections/seal.ts'
import { credentialFor } from '#core/connections/use.ts'
import { keyBytes } from '#core/ids.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { insertConnection } from '#db/connections.ts'
import type { Db } from '#db/db.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld } from '#tests/support/world.ts'

/** Each write is a round trip on Postgres; what there is to see shows with fewer. */
const CONNECTIONS = { sqlite: 10_000, postgres: 2_000 }
const BATCH = 200
const KILLED_AFTER = 5
const PROCESS = join(import.meta.dirname, 'rewrap-process.ts')
const [older, newer] = [masterKey(keyBytes(32)), masterKey(keyBytes(32))]
const context = 'user:acc_1'
const idOf = (index: number): string => `conn_${String(index).padStart(6, '0')}`

async function store(db: Db, count: number): Promise<void> {
  const settingsJson = JSON.stringify({ baseUrl: 'https://crm.example', auth: { type: 'bearer' }, testPath: null })
  const all = Array.from({ length: count }, (_, index) => {
    const id = idOf(index)
    const sealed = seal(keyringOf([older]), placeOf({ id, context, version: 1 }), `secret-${index}`)
    const row = { id, context, name: `c${index}`, provider: 'http', settingsJson, sealed, hint: '' }
    return { ...row, createdBy: 'acc_1', nowMs: 1 }
  })
  await db.write(async (tx) => void (await Promise.all(all.map((row) => insertConnection.run(tx, row)))))
}

describe.each(DIALECTS)('a new master key on %s', (dialect) => {
  const count = CONNECTIONS[dialect]
  it(`takes ${count} secrets over while they are read and changed, killed in the middle`, async () => {
    const both = { ...DEFAULT_SETTINGS, keyring: keyringOf([newer, older]) }
    const world = await createWorld(dialect, { settings: both })
    const { core } = world
    await store(core.db, count)
    const read = async (index: number): Promise<string | undefined> =>
      (await credentialFor(core, context, idOf(index)))?.secret
    let isOver = false
    let reads = 0
    const wrong: unknown[] = []
    const reading = (async () => {
      for (let index = 0; !isOver; index = (index + 7919) % count) {
        const secret = await read(index).catch((error: unknown) => error)
        if (secret !== `secret-${index}` && secret !== `changed-${index}`) wrong.push(secret)
        reads++
        await new Promise(setImmediate)
      }
    })()

    const keys = [newer, older].map(({ bytes }) => bytes.toString('base64')).join(',')
    const child = spawn(process.execPath, [PROCESS, world.databaseUrl, keys, String(KILLED_AFTER)], {
      stdio: 'inherit',
    })
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
    // What was in the transaction of its end is as it was.
    expect(await countUnderOthers(core, newer.id)).toBe(count - KILLED_AFTER * BATCH)

    const actor = {
      accountId: 'acc_1',
      handle: 'ada',
      platformRole: 'user',
      channel: 'api',
      context: { type: 'user', id: 'acc_1' },
    } as const
    const indexes = [count / 2, count / 2 + 1, count - 1]
    const changing = indexes.map((index) =>
      rotateConnection(core, actor, { id: idOf(index), secret: `changed-${index}` }),
    )
    const [done, again] = await Promise.all([rewrapSecrets(core), rewrapSecrets(core), ...changing])
    expect(done.unreadable + again.unreadable).toBe(0)
    expect(await countUnderOthers(core, newer.id)).toBe(0)
    isOver = true
    await reading
    expect(wrong).toEqual([])
    expect(reads).toBeGreaterThan(100)
    expect(await rewrapSecrets(core)).toEqual({ rewrapped: 0, unreadable: 0 })

    // Nobody needs the old key any more, and every secret is the same.
    const settings = { ...DEFAULT_SETTINGS, keyring: keyringOf([newer]) }
    for (let index = 0; index < count; index += count / 10) {
      const { secret } = (await credentialFor({ db: core.db, settings }, context, idOf(index))) ?? {}
      expect(secret).toBe(indexes.includes(index) ? `changed-${index}` : `secret-${index}`)
    }
    const without = { ...DEFAULT_SETTINGS, keyring: keyringOf([older]) }
    const closed = credentialFor({ db: core.db, settings: without }, context, idOf(1))
    await expect(closed).rejects.toThrow('cannot be read with the keys of this instance')
    await world.end()
  }, 120_000)
})
