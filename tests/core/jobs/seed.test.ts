import { afterEach, describe, expect, it } from 'vitest'
import { seedShipped } from '#core/jobs/seed.ts'
import { shippedTemplates } from '#core/jobs/templates.ts'
import { insertJobVersion, markSeeded, updateJob } from '#db/jobs.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'

describe.each(DIALECTS)('the jobs that are shipped, on %s', (dialect) => {
  let world: World
  afterEach(() => world.end())

  const versions = async () => {
    const rows = await query(world.core.db, (q) => q.selectFrom('job').select(['job_key', 'id', 'version']))
    return rows.toSorted((one, other) => one.job_key.localeCompare(other.job_key))
  }

  it('are there after the first start, and the same after the next', async () => {
    world = await createWorld(dialect)
    await seedShipped(world.core)
    const before = await versions()
    expect(before.map(({ job_key }) => job_key)).toEqual(
      shippedTemplates()
        .map(({ jobId }) => jobId)
        .toSorted(),
    )
    await seedShipped(world.core)
    expect(await versions()).toEqual(before)
  })

  it('get a new version where the program brings another one, whoever starts first', async () => {
    world = await createWorld(dialect)
    const { core } = world
    await seedShipped(core)
    const [job] = await versions()
    const newer = { version: 2, nowMs: 1 }
    // As an older program left it: another text, and its own mark.
    await core.db.write(async function older(tx) {
      const changed = { id: job?.id ?? '', fromVersion: 1, status: 'draft', visibility: 'public' } as const
      await updateJob.run(tx, { ...changed, ...newer })
      const definitionJson = JSON.stringify({ ...shippedTemplates()[0], title: 'As it was' })
      await insertJobVersion.run(tx, { jobId: changed.id, definitionJson, createdBy: 'system', ...newer })
    })
    await seedShipped(core)
    expect((await versions())[0]?.version).toBe(2)
    await core.db.write(async function older(tx) {
      await markSeeded.run(tx, { valueJson: '"older"' })
    })
    await Promise.all([seedShipped(core), seedShipped(core)])
    const after = await versions()
    expect(after[0]?.version).toBe(3)
    expect(after.slice(1).every(({ version }) => version === 1)).toBe(true)
  })
})
