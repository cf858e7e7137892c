import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { saveJob } from '#core/jobs/save.ts'
import { defineTool } from '#core/tools/tool.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createMailScene, type MailScene } from './scene.ts'

/** Ends when it is told to. */
let finish: () => void = () => {}
const slow = defineTool({
  toolId: 'test.slow',
  version: '1.0.0',
  displayName: 'Slow',
  description: 'Takes its time.',
  category: 'test',
  inputSchema: { type: 'object', properties: {} },
  outputSchema: { type: 'object', properties: { text: { type: 'string' } } },
  price: { unit: 'second', rateMicros: 10n, maxMicros: 10_000n },
  sideEffect: 'none',
  execute: async () => {
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    return { output: { text: 'It is done <b>now</b>.\n\nhttps://example.test/?a=1&b=2' }, units: 1n }
  },
})

const JOB = {
  jobId: 'slow-one',
  displayName: 'Slow <one>',
  description: '',
  inputSchema: { type: 'object', properties: {} },
  steps: [{ stepId: 'wait', toolId: 'test.slow', inputMappings: {} }],
  outputs: { text: { step: 'wait', output: 'text' } },
}

describe.each(DIALECTS)('one run as one thread of mails, on %s', { timeout: 60_000 }, (dialect) => {
  let scene: MailScene
  let ann: Awaited<ReturnType<MailScene['person']>>
  beforeAll(async () => {
    scene = await createMailScene(dialect, { tools: [slow], leaseMs: 600_000 })
    ann = await scene.person('ann', { admin: true })
    await saveJob(scene.world.core, ann.actor, { source: JOB as never, publish: true })
  })
  afterAll(async () => {
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })

  it('says that it was accepted when it takes over a minute, and then what came of it', async () => {
    const messageId = await ann.write({ subject: 'run slow-one' })
    await eventually(async () => expect(await scene.events('step.started')).toHaveLength(1))
    expect(await ann.got()).toEqual([])
    scene.clock.advance(61_000)
    const accepted = await ann.gets(/▸ Slow <one>/)
    finish()
    const done = await ann.gets(/It is done/)
    expect(await ann.got()).toHaveLength(2)
    expect([accepted.subject, done.subject]).toEqual(['Re: run slow-one', 'Re: run slow-one'])
    expect([accepted.references, done.references]).toEqual([messageId, [messageId, accepted.messageId]])
    // The same words to read and to look at; what tools wrote is text in both.
    expect(done.html).toContain('It is done &lt;b&gt;now&lt;/b&gt;.')
    expect(done.html).not.toContain('href="https://example.test')
  })
})
