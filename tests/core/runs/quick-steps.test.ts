import { afterEach, describe, expect, it } from 'vitest'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import { personal } from '#core/context.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { getRun } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import { startWork } from '#core/work.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createWorld, type World } from '#tests/support/world.ts'

const template = (stepId: string, dependencies: string) => `
  - stepId: ${stepId}
    toolId: text.template
    dependencies: ${dependencies}
    inputMappings: { template: { value: ${stepId} } }`

const JOBS = {
  'both-sides': `${template('left', '[]')}${template('right', '[]')}${template('last', '[left, right]')}`,
  'after-a-pause': `${template('first', '[]')}
  - stepId: pause
    toolId: wait
    dependencies: [first]
    inputMappings: { ms: { value: 60 } }${template('last', '[pause]')}`,
}

/** Tools that end before anybody looks up: the run must not be let go of while such a result waits for its turn. */
describe.each(DIALECTS)('steps that end at once on %s', (dialect) => {
  let world: World
  afterEach(async () => {
    await world.core.queue.stop(1_000)
    await world.end()
  })

  it.each(Object.entries(JOBS))('%s goes on to its end, fifty times', async (jobId, steps) => {
    world = await createWorld(dialect)
    const { core } = world
    await seedShipped(core)
    const { id } = await createAccountByOperator(core, { handle: 'ada', admin: true })
    await startWork(core, { handle: async () => ({ replies: [] }), senders: new Map() })
    const actor: Actor = {
      accountId: id,
      handle: 'ada',
      platformRole: 'admin',
      channel: 'api',
      context: personal(id),
    }
    const source = `jobId: ${jobId}\ndisplayName: Quick\ndescription: Quick.\ninputSchema: { type: object, properties: {} }\nsteps:${steps}\noutputs: { text: { step: last, output: text } }\n`
    await saveJob(core, actor, { source, publish: true })
    const runs = await Promise.all(
      Array.from({ length: 50 }, () => submitRun(core, actor, { target: { job: jobId }, inputs: {} })),
    )
    await eventually(async () => {
      const ended = await Promise.all(runs.map(({ runId }) => getRun(core, actor, runId)))
      expect(ended.map(({ status }) => status)).toEqual(runs.map(() => 'succeeded'))
    })
    expect(world.errors).toEqual([])
  })
})
