import { afterEach, describe, expect, it } from 'vitest'
import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import { readArtifact } from '#core/artifacts/store.ts'
import { personal, teamContext } from '#core/context.ts'
import { debit } from '#core/economy/debit.ts'
import { grant } from '#core/economy/grant.ts'
import type { JsonObject } from '#core/json.ts'
import { cancelRun } from '#core/runs/cancel.ts'
import { findRuns, getRun } from '#core/runs/read.ts'
import { retryRun } from '#core/runs/retry.ts'
import { submitRun } from '#core/runs/submit.ts'
import { createTeam } from '#core/teams/create.ts'
import { addMember } from '#core/teams/members.ts'
import { defineTool } from '#core/tools/tool.ts'
import { acceptVariant } from '#core/variants/accept.ts'
import { editVariant } from '#core/variants/edit.ts'
import { exportRun, exportVariant } from '#core/variants/export.ts'
import { getVariant, variantsOfRun } from '#core/variants/read.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createRunsWorld, type RunsWorld, say } from '../runs/runs-world.ts'

/** Fails for every second run, so that of several variants some fail. */
let turn = 0
const everySecond = defineTool({
  toolId: 'test.second',
  version: '1.0.0',
  displayName: 'Second',
  description: 'Fails every second time.',
  category: 'test',
  inputSchema: { type: 'object', properties: {} },
  outputSchema: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
  price: { unit: 'run', rateMicros: 1_000n, maxMicros: 1_000n },
  sideEffect: 'none',
  retry: { maxAttempts: 1, backoffMs: 0, capMs: 0 },
  async execute() {
    turn++
    if (turn % 2 === 0) throw new Error('Not this time.')
    return { output: { text: `turn ${turn}` } }
  },
})

describe.each(DIALECTS)('variants on %s', (dialect) => {
  let world: RunsWorld
  afterEach(() => world.end())

  const begin = async (): Promise<void> => {
    turn = 0
    world = await createRunsWorld(dialect, { tools: [everySecond] })
    await world.work()
    await world.job('one', [say('only', 'word')], { outputs: { text: { step: 'only', output: 'text' } } })
  }
  const several = async (job: string, variants: number): Promise<string> =>
    (await submitRun(world.core, world.actor, { target: { job }, inputs: {}, how: { variants } })).runId
  const done = async (job = 'one'): Promise<{ runId: string; variantId: string }> => {
    const runId = await world.submit(job)
    const [variantId = ''] = (await world.ended(runId)).variants
    return { runId, variantId }
  }
  const bytesOf = async (artifactId: string): Promise<string> =>
    Buffer.from((await readArtifact(world.core.db, artifactId))?.bytes ?? []).toString()

  it('are one for a run that ended well, without a row, and none for one that did not', async () => {
    await begin()
    const { runId, variantId } = await done()
    const { variant, etag } = await getVariant(world.core, world.actor, variantId)
    expect(variant).toMatchObject({
      id: variantId,
      runId,
      sourceRunId: runId,
      number: 1,
      revision: 1,
      outputs: { text: 'word!' },
      edited: null,
      accepted: null,
    })
    expect(etag).toMatch(/^"1-[0-9a-f]{32}"$/)
    expect(await query(world.core.db, (q) => q.selectFrom('variant').selectAll())).toEqual([])
    expect((await findRuns(world.core, world.actor, { limit: 5 })).items[0]?.variants).toEqual([variantId])
    world.provider.broken.add('word')
    const failed = await world.submit('one')
    expect((await world.ended(failed)).variants).toEqual([])
    for (const id of [failed.replace('run_', 'var_'), 'var_nope', 'nope']) {
      await expect(getVariant(world.core, world.actor, id)).rejects.toMatchObject({ code: 'not_found' })
    }
  })

  it('are several under one quote and one hold, and one that fails does not lose the others', async () => {
    await begin()
    await world.job('lots', [{ stepId: 'only', toolId: 'test.second' }], {
      outputs: { text: { step: 'only', output: 'text' } },
    })
    const runId = await several('lots', 4)
    const before = await getRun(world.core, world.actor, runId)
    expect([before.jobId, before.maxUsd]).toEqual(['lots', '0.004'])
    const run = await world.ended(runId)
    expect([run.status, run.variants.length, run.costUsd]).toEqual(['partially_completed', 2, '0.002'])
    expect(await world.transfers(runId)).toEqual(['charge_run_1 posted 2000', 'hold_run_1 pending 4000'])
    const { variants } = await variantsOfRun(world.core, world.actor, runId)
    expect(variants.map(({ number }) => number)).toEqual([1, 2])
    expect(new Set(variants.map(({ outputs }) => outputs.text))).toEqual(new Set(['turn 1', 'turn 3']))
    expect(run.outputs).toEqual(variants[0]?.outputs)
    expect((await findRuns(world.core, world.actor, { limit: 5 })).items.map(({ id }) => id)).toEqual([runId])
    // Those that failed can be had after all: the run goes on with them alone.
    turn = 100
    await retryRun(world.core, world.actor, { runId, from: 'failed_step', definition: 'pinned' })
    await eventually(async () => expect((await getRun(world.core, world.actor, runId)).variants).toHaveLength(3))
    await world.ended(runId)
    expect(await world.transfers(runId)).toEqual([
      'charge_run_1 posted 2000',
      'charge_run_2 posted 1000',
      'hold_run_1 pending 4000',
      'hold_run_2 pending 2000',
    ])
    await world.sound()
  })

  it('of one request with one key are one run, and wait as a whole when they cannot be paid', async () => {
    await begin()
    const request = { target: { job: 'one' }, inputs: {}, how: { variants: 3 } }
    const actor = { ...world.actor, requestKey: 'key' }
    const runs = await Promise.all([1, 2, 3].map(() => submitRun(world.core, actor, request)))
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1)
    await expect(submitRun(world.core, actor, { ...request, how: { variants: 2 } })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    })
    expect((await world.ended(runs[0]?.runId ?? '')).variants).toHaveLength(3)
    await debit(
      world.core,
      { ...world.actor, requestKey: 'book' },
      {
        accountId: world.actor.accountId,
        amountUsd: '0.995',
        description: 'a book',
      },
    )
    const kept = await getRun(world.core, world.actor, await several('one', 3))
    expect(kept).toMatchObject({ status: 'waiting', waitingFor: { kind: 'funds' }, steps: [{}, {}, {}] })
    await world.sound()
  })

  it('are stopped together, and what was done by then is paid', async () => {
    await begin()
    await world.job('two-words', [say('first', 'first'), say('second', 'second')], {})
    world.provider.stuck.add('second')
    const runId = await several('two-words', 2)
    await eventually(() => expect(world.provider.calls.filter(({ word }) => word === 'second')).toHaveLength(2))
    await cancelRun(world.core, world.actor, runId)
    expect((await world.ended(runId)).status).toBe('cancelled')
    await eventually(() => expect(world.provider.aborted).toEqual(['second', 'second']))
    await eventually(async () => {
      const rows = await query(world.core.db, (q) => q.selectFrom('run').select(['status', 'finished_at_ms']))
      expect(rows.filter(({ finished_at_ms }) => finished_at_ms === null)).toEqual([])
    })
    await world.sound()
  })

  it('become more by running it again, also of one that was made so', async () => {
    await begin()
    const { runId, variantId } = await done()
    const again = (id: string) => retryRun(world.core, world.actor, { runId: id, from: 'start', definition: 'pinned' })
    const second = await again(runId)
    await world.ended(second.runId)
    const third = await again(second.runId)
    await world.ended(third.runId)
    const all = [runId, second.runId, third.runId].map((id) => id.replace('run_', 'var_'))
    expect(all[0]).toBe(variantId)
    expect((await getRun(world.core, world.actor, runId)).variants).toEqual(all)
    expect((await getVariant(world.core, world.actor, all[2] ?? '')).variant).toMatchObject({
      runId,
      sourceRunId: third.runId,
      number: 3,
    })
    expect((await variantsOfRun(world.core, world.actor, third.runId)).variants.map(({ id }) => id)).toEqual(all)
    await world.sound()
  })

  it('are edited by who has read them last, and every revision is kept', async () => {
    await begin()
    const { variantId } = await done()
    const { core, actor } = world
    const edit = (text: string, ifMatch?: string) => editVariant(core, actor, { variantId, outputs: { text }, ifMatch })
    await expect(edit('mine')).rejects.toMatchObject({ code: 'precondition_required' })
    const first = (await getVariant(core, actor, variantId)).etag
    const { variant, etag } = await edit('mine', first)
    expect(variant).toMatchObject({ revision: 2, outputs: { text: 'mine' }, edited: { accountId: actor.accountId } })
    await expect(edit('late', first)).rejects.toMatchObject({
      code: 'precondition_failed',
      details: { facts: { etag } },
    })
    const together = await Promise.allSettled(['a', 'b', 'c', 'd'].map((text) => edit(text, etag)))
    expect(together.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const answer of together)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'precondition_failed' })
    const now = await getVariant(core, actor, variantId)
    expect(now.variant.revision).toBe(3)
    // The same again is no revision; nothing but the job's outputs is taken.
    await editVariant(core, actor, { variantId, outputs: now.variant.outputs, ifMatch: now.etag })
    expect((await getVariant(core, actor, variantId)).etag).toBe(now.etag)
    await expect(
      editVariant(core, actor, { variantId, outputs: { text: 'x', other: 1 }, ifMatch: '*' }),
    ).rejects.toMatchObject({ code: 'bad_input', details: { problems: [{ path: 'outputs.other' }] } })
    const large = { text: 'x'.repeat(5 * 1024 * 1024) }
    await expect(editVariant(core, actor, { variantId, outputs: large, ifMatch: '*' })).rejects.toMatchObject({
      code: 'too_large',
    })
    const revisions = await query(core.db, (q) =>
      q.selectFrom('variant_revision').select(['revision', 'outputs_json']).orderBy('revision'),
    )
    expect(revisions.map(({ revision }) => revision)).toEqual([2, 3])
    expect(revisions[0]?.outputs_json).toBe('{"text":"mine"}')
  })

  it('are accepted once for each run: the first decides, the same again changes nothing', async () => {
    await begin()
    const { core, actor } = world
    const runId = await several('one', 4)
    const { variants } = await world.ended(runId)
    const answers = await Promise.allSettled([...variants, ...variants].map((id) => acceptVariant(core, actor, id)))
    const { variants: after } = await variantsOfRun(core, actor, runId)
    const accepted = after.filter((variant) => variant.accepted !== null)
    expect(accepted).toHaveLength(1)
    const [winner] = accepted
    for (const answer of answers) {
      if (answer.status === 'fulfilled') expect(answer.value.id).toBe(winner?.id)
      else expect(answer.reason).toMatchObject({ code: 'conflict', message: expect.stringContaining('You accepted') })
    }
    expect(await acceptVariant(core, actor, winner?.id ?? '')).toMatchObject({
      accepted: { accountId: actor.accountId, channel: 'api' },
    })
    expect((await world.eventTypes(runId)).filter((type) => type === 'variant.accepted')).toHaveLength(1)
    await expect(
      editVariant(core, actor, { variantId: winner?.id ?? '', outputs: { text: 'x' }, ifMatch: '*' }),
    ).rejects.toMatchObject({ code: 'conflict' })
    expect((await exportRun(core, actor, { runId, format: 'json' })).variantId).toBe(winner?.id)
  })

  it('that are edited and accepted at once are either accepted as edited, or not edited any more', async () => {
    await begin()
    const { core, actor } = world
    for (let round = 0; round < 8; round++) {
      const { variantId } = await done()
      const { etag } = await getVariant(core, actor, variantId)
      await Promise.allSettled([
        acceptVariant(core, actor, variantId),
        editVariant(core, actor, { variantId, outputs: { text: 'edited' }, ifMatch: etag }),
      ])
      const row = await query(core.db, (q) =>
        q
          .selectFrom('variant')
          .leftJoin('variant_choice', 'variant_choice.variant_id', 'variant.id')
          .select(['variant.revision', 'variant.accepted_at_ms', 'variant_choice.revision as chosen'])
          .where('variant.id', '=', variantId),
      )
      const [{ revision, accepted_at_ms, chosen } = { revision: 0, accepted_at_ms: null, chosen: null }] = row
      expect(chosen === null).toBe(accepted_at_ms === null)
      if (chosen !== null) expect(chosen).toBe(revision)
    }
    expect(world.errors).toEqual([])
  })

  it('are exported as what is asked for, without formulas in it', async () => {
    await begin()
    await world.job(
      'table',
      [
        {
          stepId: 'rows',
          toolId: 'data.transform',
          inputMappings: {
            data: {
              value: [
                { name: '=HYPERLINK("http://evil")', n: -1 },
                { name: 'a, "b"\nc', more: { x: 1 } },
                { name: ' @sum', n: 2.5 },
              ],
            },
            expression: { value: '$' },
          },
        },
      ],
      { outputs: { rows: { step: 'rows', output: 'value' } } },
    )
    const { core, actor } = world
    const { variantId, runId } = await done('table')
    const contentOf = async (format: 'markdown' | 'json' | 'csv' | 'file') => {
      const { files } = await exportVariant(core, actor, { variantId, format, to: 'download' })
      expect(files).toHaveLength(1)
      return [files[0]?.name, files[0]?.mediaType, await bytesOf(files[0]?.artifactId ?? '')]
    }
    expect(await contentOf('csv')).toEqual([
      'table.csv',
      'text/csv',
      `name,n,more\r\n"'=HYPERLINK(""http://evil"")",-1,\r\n"a, ""b""\nc",,"{""x"":1}"\r\n' @sum,2.5,\r\n`,
    ])
    expect((await contentOf('json'))[2]).toContain('"n": -1')
    const [name, mediaType, markdown] = await contentOf('markdown')
    expect([name, mediaType]).toEqual(['table.md', 'text/markdown'])
    expect(markdown).toContain('| name | n | more |\n| --- | --- | --- |')
    expect((await contentOf('file')).slice(0, 2)).toEqual(['table.json', 'application/json'])
    await expect(exportVariant(core, actor, { variantId, format: 'csv', to: 'chat' })).rejects.toMatchObject({
      code: 'bad_request',
    })
    const once = { ...actor, requestKey: 'once' }
    const [one, other] = await Promise.all([1, 2].map(() => exportRun(core, once, { runId, format: 'csv' })))
    expect(other).toEqual(one)
    const text = await done()
    const files = await exportVariant(core, actor, { variantId: text.variantId, format: 'markdown', to: 'download' })
    expect(await bytesOf(files.files[0]?.artifactId ?? '')).toBe('word!\n')
  })

  it('larger than a row may be are kept as files, which only their own run can stand for', async () => {
    await begin()
    const big = 'x'.repeat(2 * 1024 * 1024)
    const step = (stepId: string): JsonObject => ({
      stepId,
      toolId: 'data.transform',
      dependencies: [],
      inputMappings: { data: { value: {} }, expression: { value: `$pad("", ${big.length}, "${stepId}")` } },
    })
    await world.job('big', [step('a'), step('b'), step('c'), say('d', 'd', { dependencies: [] })], {
      outputs: Object.fromEntries(
        ['a', 'b', 'c'].map((id) => [id, { step: id, output: 'value' }]).concat([['d', { step: 'd', output: 'text' }]]),
      ),
    })
    const { runId, variantId } = await done('big')
    const run = await getRun(world.core, world.actor, runId)
    expect(run.status).toBe('succeeded')
    const outputs = run.outputs as Record<string, { artifactId: string; sizeBytes: number } | string>
    expect(outputs.d).toBe('d!')
    const stored = Object.values(outputs).filter((value) => typeof value === 'object')
    expect(stored).toHaveLength(1)
    expect(stored[0]?.sizeBytes).toBe(big.length)
    const { files } = await exportVariant(world.core, world.actor, { variantId, format: 'file', to: 'download' })
    expect(files).toHaveLength(4)
    expect(files.map(({ artifactId }) => artifactId)).toContain(stored[0]?.artifactId)
    await world.sound()
  })

  it('are seen by who may see the run, and decided on by members', async () => {
    await begin()
    const { core, actor } = world
    const team = await createTeam(core, actor, { name: 'Acme' })
    await grant(core, { ...actor, requestKey: 'g' }, { to: team.id, amountUsd: '1', reason: 'start' })
    const inTeam: Actor = { ...actor, context: teamContext(team.id) }
    const { runId } = await submitRun(core, inTeam, {
      target: { tool: 'text.template' },
      inputs: { template: 'hi', data: {} },
    })
    await eventually(async () => expect((await getRun(core, inTeam, runId)).status).toBe('succeeded'))
    const variantId = runId.replace('run_', 'var_')
    const person = async (handle: string, role?: 'viewer' | 'member'): Promise<Actor> => {
      const { id } = await createAccountByOperator(core, { handle, admin: false })
      if (role) await addMember(core, inTeam, { teamId: team.id, accountId: id, role })
      return { ...actor, accountId: id, handle, platformRole: 'user', context: personal(id) }
    }
    const [viewer, member, stranger] = [await person('vi', 'viewer'), await person('mem', 'member'), await person('st')]
    expect((await getVariant(core, viewer, variantId)).variant.outputs).toEqual({ text: 'hi' })
    await expect(acceptVariant(core, viewer, variantId)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(editVariant(core, viewer, { variantId, outputs: { text: 'x' }, ifMatch: '*' })).rejects.toMatchObject({
      code: 'forbidden',
    })
    await exportVariant(core, viewer, { variantId, format: 'json', to: 'download' })
    for (const ask of [
      () => getVariant(core, stranger, variantId),
      () => acceptVariant(core, stranger, variantId),
      () => editVariant(core, stranger, { variantId, outputs: {}, ifMatch: '*' }),
      () => exportVariant(core, stranger, { variantId, format: 'json', to: 'download' }),
      () => retryRun(core, stranger, { runId, from: 'start', definition: 'pinned' }),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: 'not_found' })
    }
    await acceptVariant(core, member, variantId)
    await expect(acceptVariant(core, inTeam, variantId)).resolves.toMatchObject({
      accepted: { accountId: member.accountId },
    })
  })
})
