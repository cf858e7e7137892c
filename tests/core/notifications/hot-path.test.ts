import { afterEach, describe, expect, it } from 'vitest'
import { webConversation } from '#core/chat/web.ts'
import { createCore } from '#core/create-core.ts'
import { getRun } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { TOOLS } from '#core/tools/index.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { type Db, type Executor, executor, type Tx } from '#db/db.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createScene, type Scene } from './scene.ts'

/** The same database, which writes down what it is asked. */
function listening(db: Db, asked: string[]): Db {
  const listen = (on: Executor): Executor => ({
    dialect: on.dialect,
    execute(statement, values) {
      asked.push(statement.sql(on.dialect))
      return on.execute(statement, values)
    },
    executeText(sql, values) {
      asked.push(sql)
      return on.executeText(sql, values)
    },
  })
  return {
    dialect: db.dialect,
    [executor]: listen(db[executor]),
    write: (body) =>
      db.write((tx) =>
        body({
          dialect: tx.dialect,
          enqueued: tx.enqueued,
          afterCommit: (action: () => void) => tx.afterCommit(action),
          [executor]: listen(tx[executor]),
        } as unknown as Tx),
      ),
    onChange: (listener) => db.onChange(listener),
    close: () => db.close(),
  }
}

describe.each(DIALECTS)('a run in one’s own chat, on %s', (dialect) => {
  let scene: Scene
  afterEach(() => scene.end())

  it('asks the database nothing about notifications, and one that goes wrong over the API does', async () => {
    scene = await createScene(dialect)
    const ann = await scene.person('ann')
    const asked: string[] = []
    const core = createCore({
      db: listening(scene.core.db, asked),
      databaseUrl: scene.world.databaseUrl,
      tools: createToolRegistry(TOOLS),
      settings: DEFAULT_SETTINGS,
      log: scene.core.log,
      clock: scene.clock,
    })
    await core.queue.open()
    await scene.work(core)
    const end = async (request: Parameters<typeof submitRun>[2], status: string, actor = ann): Promise<string[]> => {
      asked.splice(0)
      const { runId } = await submitRun(core, actor, request)
      await eventually(async () => expect((await getRun(scene.core, ann, runId)).status).toBe(status))
      return asked.filter((sql) => /notification|identity/.test(sql))
    }
    const good = { target: { tool: 'text.template' }, inputs: { template: 'Hello', data: {} } }
    const bad = { target: { tool: 'data.transform' }, inputs: { data: {}, expression: '$error("no")' } }
    const onTelegram = { ...ann, channel: 'telegram' } as const
    const onWeb = { ...ann, channel: 'web' } as const
    for (const request of [good, bad]) {
      const status = request === good ? 'succeeded' : 'failed'
      expect(await end({ ...request, conversation: 'telegram-ann' }, status, onTelegram)).toEqual([])
      expect(await end({ ...request, conversation: webConversation(ann.accountId) }, status, onWeb)).toEqual([])
    }
    expect(await end(good, 'succeeded')).toEqual([])
    expect((await end(bad, 'failed')).length).toBeGreaterThan(0)
    await core.queue.stop(1_000)
    await core.queue.close()
    expect(scene.world.errors).toEqual([])
  })
})
