import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Account } from '#core/accounts/account.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { readArtifact, storeArtifact } from '#core/artifacts/store.ts'
import { personal } from '#core/context.ts'
import { migrateDown, migrateUp } from '#db/migrate.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const MB = 1024 * 1024

describe.each(DIALECTS)('files on %s', (dialect) => {
  let world: World
  let ada: Account
  beforeEach(async () => {
    world = await createWorld(dialect)
    ada = await createAccountByOperator(world.core, { handle: 'ada', admin: false })
  })
  afterEach(() => world.end())

  const store = (bytes: Uint8Array, name = 'a.bin') =>
    world.core.db.write((tx) =>
      storeArtifact(world.core, tx, {
        context: personal(ada.id),
        accountId: ada.id,
        name,
        mediaType: 'application/octet-stream',
        bytes,
        nowMs: 0,
      }),
    )
  const bytesOf = async (id: string): Promise<Buffer> =>
    Buffer.from((await readArtifact(world.core.db, id))?.bytes ?? 'none')
  const stored = () =>
    query(world.core.db, (q) => q.selectFrom('artifact_blob_piece').select(['sha256', 'piece']).orderBy('piece'))

  it.each([0, 1, MB - 1, MB, MB + 1, 3 * MB, 3 * MB + 7])('%i bytes come back as they were', async (size) => {
    const bytes = randomBytes(size)
    const { id, sizeBytes } = await store(bytes)
    expect(sizeBytes).toBe(size)
    expect((await bytesOf(id)).equals(bytes)).toBe(true)
    expect(await stored()).toHaveLength(Math.max(0, Math.ceil(size / MB) - 1))
  })

  it('the same bytes under two names, at once and again, are kept once', async () => {
    const bytes = randomBytes(2 * MB + 1)
    const both = await Promise.all([store(bytes, 'a.bin'), store(bytes, 'b.bin')])
    const again = await store(bytes, 'c.bin')
    for (const { id } of [...both, again]) expect((await bytesOf(id)).equals(bytes)).toBe(true)
    expect(await stored()).toHaveLength(2)
  })

  it('a file is whole when its pieces are taken back, and again with them', async () => {
    const bytes = Buffer.concat([Buffer.from([0, 0xff, 0xc3]), randomBytes(2 * MB), Buffer.alloc(MB)])
    const { id } = await store(bytes)
    const { id: small } = await store(Buffer.from('small\0'))
    const url = world.databaseUrl
    for (let isBack = false; !isBack; ) isBack = (await migrateDown(url, 0)).reverted.includes('0027-blob-pieces')
    await migrateUp(url, 0)
    expect((await bytesOf(id)).equals(bytes)).toBe(true)
    expect(String(await bytesOf(small))).toBe('small\0')
    // Kept whole from then on; who brings it again changes nothing.
    const again = await store(bytes)
    expect((await bytesOf(again.id)).equals(bytes)).toBe(true)
    expect(await stored()).toEqual([])
  })
})
