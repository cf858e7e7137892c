import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { accountByHandle } from '#core/accounts/account.ts'
import { attachIdentity } from '#core/accounts/identities.ts'
import { receive } from '#core/chat/inbox.ts'
import { webConversation } from '#core/chat/web.ts'
import { systemClock } from '#core/clock.ts'
import { personal } from '#core/context.ts'
import { createCore } from '#core/create-core.ts'
import { createSchedule } from '#core/schedules/create.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { TOOLS } from '#core/tools/index.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { query } from '#db/statement.ts'
import { createDatabase, DIALECTS, type TestDatabase } from '#tests/support/database.ts'
import { Cli } from './cli-process.ts'

// Each command is a process of its own, and two small cores may have more to do.
vi.setConfig({ testTimeout: 60_000 })

const COMMITS = 'a1b2c3d feat: first'

describe.each(DIALECTS)('a cycle by hand on %s', (dialect) => {
  let database: TestDatabase
  let cli: Cli
  let core: ReturnType<typeof createCore>
  beforeEach(async () => {
    database = await createDatabase(dialect)
    cli = new Cli({ DATABASE_URL: database.url })
    await cli.run(['account', 'create', 'anna', '--admin'])
    core = createCore({
      db: database.db,
      databaseUrl: database.url,
      tools: createToolRegistry(TOOLS),
      settings: DEFAULT_SETTINGS,
      log: { debug() {}, info() {}, warn() {}, error: console.error },
    })
    await core.queue.open()
  })
  afterEach(async () => {
    await core.queue.close()
    cli.remove()
    await database.drop()
  })
  const anna = async () => {
    const account = await accountByHandle(core.db, 'anna')
    const accountId = account?.id ?? ''
    const context = personal(accountId)
    return { accountId, handle: 'anna', platformRole: 'user', channel: 'web', context } as const
  }

  test('does what is due, and nothing when nothing is', async () => {
    const idle = await cli.json(['process'])
    expect(idle).toMatchObject({ exitCode: 0, document: { runs: { ended: 0 }, failed: 0, errors: 0, left: null } })
    const actor = await anna()
    const conversation = webConversation(actor.accountId)
    const identity = { channel: 'web', externalId: actor.accountId, name: 'anna' } as const
    await core.db.write((tx) => attachIdentity(tx, actor.accountId, identity, core.clock.nowMs()))
    await receive(core, {
      channel: 'web',
      deliveryId: 'd1',
      conversation,
      isPrivate: true,
      sender: { externalId: actor.accountId, name: 'anna' },
      text: `/release_notes ${COMMITS}`,
      isAddressed: true,
      files: [],
      atMs: systemClock.nowMs(),
    })
    const soon = new Date(core.clock.nowMs() + 1_000).toISOString()
    const request = { jobId: 'release-notes', inputs: { commits: COMMITS }, kind: 'once', at: soon } as const
    await createSchedule(core, actor, { ...request, conversation })
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    const { exitCode, document } = await cli.json(['process'])
    expect({ exitCode, document }).toMatchObject({
      exitCode: 0,
      document: {
        messages: { handled: 1, failed: 0 },
        runs: { ended: 2, failed: 0 },
        schedules: { started: 1, skipped: 0, missed: 0 },
        failed: 0,
        left: null,
      },
    })
    expect(document.deliveries.sent).toBeGreaterThanOrEqual(4)
    const waiting = await query(core.db, (q) => q.selectFrom('outbox').select('seq').where('status', '<>', 'sent'))
    expect(waiting).toEqual([])
  })

  test('says with its exit code that something failed', async () => {
    await cli.json(['process'])
    const actor = await anna()
    const at = new Date(core.clock.nowMs() + 500).toISOString()
    await createSchedule(core, actor, { jobId: 'release-notes', inputs: { commits: COMMITS }, kind: 'once', at })
    await core.db.write((tx) => query(tx, (q) => q.updateTable('account').set({ monthly_cap_micros: 1n })))
    await new Promise((resolve) => setTimeout(resolve, 600))
    const { exitCode, stdout } = await cli.run(['process'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('Schedules   0 started, 1 skipped, 0 missed')
  })

  test('unlock frees what the dead hold, and more only when it is told to', async () => {
    const lease = (key: string, token: string, untilMs: number) =>
      core.db.write((tx) =>
        query(tx, (q) =>
          q.insertInto('work_item').values({
            key,
            kind: 'run',
            run_at_ms: 0,
            fair_group: 'x',
            token,
            lease_until_ms: untilMs,
            dirty: 0,
          }),
        ),
      )
    const far = core.clock.nowMs() + 600_000
    await lease('run:over', `${process.pid}-a`, 1)
    await lease('run:alive', `${process.pid}-b`, far)
    // No process has a number like that.
    if (dialect === 'sqlite') await lease('run:dead', '999999999-c', far)
    const first = await cli.json(['unlock'])
    const expected = dialect === 'sqlite' ? ['run:dead', 'run:over'] : ['run:over']
    expect(first.document.released.map(({ key }: { key: string }) => key).sort()).toEqual(expected)
    expect(first).toMatchObject({ exitCode: 0, document: { held: 1 } })
    expect((await cli.run(['unlock', '--all'])).stdout).toContain('run  run:alive')
    expect((await cli.run(['unlock'])).stdout).toContain('Nothing was stuck.')
  })
})
