import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { contextKey, personal, teamContext } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { checkLedger } from '#core/economy/check.ts'
import { debit } from '#core/economy/debit.ts'
import { fund, repay } from '#core/economy/fund.ts'
import { grant } from '#core/economy/grant.ts'
import { placeHold, settleHolds } from '#core/economy/holds.ts'
import { refundCharge } from '#core/economy/refund.ts'
import { statement } from '#core/economy/statement.ts'
import { statementCsv } from '#core/economy/statement-csv.ts'
import { balanceOf } from '#core/economy/wallet.ts'
import { createTeam } from '#core/teams/create.ts'
import { listEventsOf } from '#db/events.ts'
import { deleteOldIdempotent } from '#db/idempotency.ts'
import { insertRun, type RunRow } from '#db/runs.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { codeOf, give, newPerson, USD, withKey } from './people.ts'

describe.each(DIALECTS)('payments on %s', (dialect) => {
  let world: World
  let core: Core
  let root: Actor
  let people = 0

  beforeAll(async () => {
    world = await createWorld(dialect, { settings: { welcomeCreditMicros: 0n } })
    core = world.core
    root = await newPerson(core, 'root', 'admin')
  })
  afterAll(async () => {
    expect(await checkLedger(core)).toMatchObject({ sound: true })
    await world.end()
  })

  const person = async (amountMicros = 0n): Promise<Actor> => {
    const actor = await newPerson(core, `p${++people}`)
    if (amountMicros > 0n) await give(core, actor.context, amountMicros)
    return actor
  }
  const charge = (actor: Actor, amountUsd: string) =>
    debit(core, actor, { accountId: actor.accountId, amountUsd, description: 'A stamp' })

  test('the same request twice pays once and answers the same', async () => {
    const actor = await person()
    const request = { to: `@${actor.handle}`, amountUsd: '2', reason: 'Thanks' }
    const once = await grant(core, withKey(root, 'k1'), request)
    expect(await grant(core, withKey(root, 'k1'), request)).toEqual(once)
    expect(await codeOf(grant(core, withKey(root, 'k1'), { ...request, amountUsd: '3' }))).toBe(
      'idempotency_key_reused',
    )
    expect(await balanceOf(core.db, actor.context)).toMatchObject({ balanceUsd: '2.00' })

    await core.db.write(async function forgetAnswers(tx) {
      await deleteOldIdempotent.run(tx, { beforeMs: Number.MAX_SAFE_INTEGER, most: 1_000 })
    })
    await expect(grant(core, withKey(root, 'k1'), request)).rejects.toMatchObject({
      code: 'conflict',
      details: { facts: { transferId: once.transferId } },
    })
    expect(await balanceOf(core.db, actor.context)).toMatchObject({ balanceUsd: '2.00' })
  })

  test('the same request five times at once pays once, and all five hear so', async () => {
    const actor = await person(10n * USD)
    const { id } = await createTeam(core, actor, { name: 'Once' })
    const request = { context: teamContext(id), amountUsd: '3' }
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => fund(core, withKey(actor, 'five'), request)))
    expect(new Set(answers.map(({ transferId }) => transferId)).size).toBe(1)
    expect(await balanceOf(core.db, teamContext(id))).toMatchObject({ balanceUsd: '3.00' })
    expect(await balanceOf(core.db, actor.context)).toMatchObject({ balanceUsd: '7.00' })
  })

  test('a grant finds people and teams by name or id, and asks when it could be either', async () => {
    const actor = await person()
    const { id } = await createTeam(core, actor, { name: 'Rocket Club' })
    await createTeam(core, actor, { name: actor.handle })
    await createTeam(core, actor, { name: 'Twin' })
    await createTeam(core, await person(), { name: 'twin' })
    const to = (named: string) => grant(core, root, { to: named, amountUsd: '1', reason: 'x' })
    expect((await to('rocket  club')).to).toEqual({ type: 'team', id, name: 'Rocket Club' })
    expect((await to(id)).balanceUsd).toBe('2.00')
    expect((await to(`@${actor.handle}`)).to).toMatchObject({ type: 'user', id: actor.accountId })
    expect(await codeOf(to(actor.handle))).toBe('conflict')
    expect(await codeOf(to('twin'))).toBe('conflict')
    expect(await codeOf(to('@nobody-at-all'))).toBe('not_found')
    expect(await codeOf(grant(core, actor, { to: id, amountUsd: '1', reason: 'x' }))).toBe('forbidden')
  })

  test('amounts are dollars above zero, exactly', async () => {
    const actor = await person()
    for (const amountUsd of ['0', '-1', '1,5', '1e3', '0.0000001', '']) {
      expect(await codeOf(grant(core, root, { to: actor.accountId, amountUsd, reason: 'x' }))).toBe('bad_input')
    }
    await grant(core, root, { to: actor.accountId, amountUsd: '0.000001', reason: 'x' })
    expect(await balanceOf(core.db, actor.context)).toMatchObject({ balanceUsd: '0.000001' })
    expect(await codeOf(repay(core, actor, { context: actor.context, amountUsd: '1' }))).toBe('bad_input')
  })

  test('a charge is refunded up to what it was, whoever tries at once', async () => {
    const actor = await person(10n * USD)
    const { transferId } = await charge(actor, '4')
    await charge(actor, '6')
    const refund = (amountUsd: string) => refundCharge(core, root, { transferId, amountUsd, reason: 'Broken' })
    expect(await codeOf(refundCharge(core, actor, { transferId, reason: 'Mine' }))).toBe('forbidden')
    await expect(refund('4.01')).rejects.toMatchObject({
      code: 'bad_input',
      message: 'At most $4.00 is left to refund.',
    })
    const results = await Promise.all(Array.from({ length: 8 }, () => codeOf(refund('1'))))
    expect(results.sort()).toEqual([...Array(4).fill('conflict'), ...Array(4).fill('none')])
    expect(await balanceOf(core.db, actor.context)).toMatchObject({ balanceUsd: '4.00' })
    expect(await codeOf(refund('0.01'))).toBe('conflict')
    expect(await codeOf(refundCharge(core, root, { transferId: 'tr_none', reason: 'x' }))).toBe('not_found')
  })

  test('a refund of a run gives back all it was charged, over its holds', async () => {
    const actor = await person(10n * USD)
    const nowMs = core.clock.nowMs()
    const run = { id: `run_refund_${dialect}`, context: actor.context, accountId: actor.accountId, holds: 0 }
    await core.db.write(async function runOnce(tx) {
      await insertRun.run(tx, runRow(run.id, actor, nowMs))
      await placeHold(tx, run, { amountMicros: 2n * USD, nowMs })
      await placeHold(tx, { ...run, holds: 1 }, { amountMicros: USD, nowMs })
      await settleHolds(tx, { ...run, holds: 2 }, { costMicros: 4n * USD, nowMs })
    })
    expect(await balanceOf(core.db, actor.context)).toMatchObject({ balanceUsd: '6.00', heldUsd: '0.00' })
    const half = await refundCharge(core, root, { runId: run.id, amountUsd: '1.5', reason: 'Half of it' })
    expect(half).toMatchObject({ amountUsd: '1.50', balanceUsd: '7.50' })
    expect(await refundCharge(core, root, { runId: run.id, reason: 'The rest' })).toMatchObject({ balanceUsd: '10.00' })
    const { items } = await statement(core, actor, { context: actor.context, limit: 3 })
    expect(items.map(({ kind, who, runId, what }) => [kind, who, runId, what])).toEqual(
      Array(3).fill(['refund', 'root', run.id, 'demo']),
    )
  })

  test('others are charged by a platform admin alone, and it stands on record who did it', async () => {
    const [actor, other] = [await person(5n * USD), await person()]
    const request = { accountId: actor.accountId, amountUsd: '1', description: 'Postage' }
    expect(await codeOf(debit(core, other, request))).toBe('not_found')
    await debit(core, root, request)
    expect(await codeOf(debit(core, root, { ...request, accountId: 'acc_none' }))).toBe('not_found')
    expect(await balanceOf(core.db, actor.context)).toMatchObject({ balanceUsd: '4.00' })
    const events = await listEventsOf.all(core.db, { subject: contextKey(actor.context), after: 0, limit: 50 })
    expect(events.at(-1)).toMatchObject({ type: 'wallet.debited', actor: root.accountId })
  })

  test('the CSV has every movement and no formulas', async () => {
    const actor = await person()
    for (let number = 1; number <= 3; number++) {
      await grant(core, root, { to: actor.accountId, amountUsd: `${number}`, reason: `=HYPERLINK("x"), no. ${number}` })
    }
    await charge(actor, '0.5')
    let csv = ''
    for await (const piece of statementCsv(core, actor, { context: actor.context })) csv += piece
    const lines = csv.trimEnd().split('\r\n')
    expect(lines[0]).toBe('seq,at,kind,amountUsd,balanceAfterUsd,who,what,runId,reason,id')
    expect(lines).toHaveLength(5)
    expect(lines[1]).toMatch(/^4,.*,charge,-0\.50,5\.50,p\d+,,,A stamp,tr_/)
    expect(lines[4]).toMatch(/^1,.*,grant,1\.00,1\.00,root,,,"'=HYPERLINK\(""x""\), no\. 1",tr_/)
  })
})

const runRow = (id: string, { accountId }: Actor, nowMs: number): RunRow => ({
  id,
  context: contextKey(personal(accountId)),
  job_id: null,
  job_key: 'demo',
  job_version: 1,
  definition_json: '{}',
  pins_json: '{}',
  account_id: accountId,
  channel: 'api',
  conversation: null,
  status: 'succeeded',
  inputs_json: '{}',
  defaults_json: '{}',
  outputs_json: '{}',
  error_json: null,
  estimate_micros: 0n,
  max_micros: 0n,
  held_micros: 0n,
  cost_micros: 0n,
  owed_micros: 0n,
  holds: 2,
  parent_run_id: null,
  parent_seq: null,
  depth: 0,
  cancel_reason: null,
  idempotency_key: null,
  request_hash: null,
  created_at_ms: nowMs,
  started_at_ms: nowMs,
  finished_at_ms: nowMs,
})
