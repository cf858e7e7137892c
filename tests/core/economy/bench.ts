import { expect } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { type Context, personal, teamContext } from '#core/context.ts'
import { checkLedger } from '#core/economy/check.ts'
import { placeHold, settleHolds } from '#core/economy/holds.ts'
import { balanceOf } from '#core/economy/wallet.ts'
import { formatUsd } from '#core/money.ts'
import { createTeam } from '#core/teams/create.ts'
import { requireSpender } from '#core/teams/spender.ts'
import { findUsage } from '#db/usage.ts'
import { TestClock } from '#tests/support/clock.ts'
import { createWorld, type World } from '#tests/support/world.ts'
import { LedgerModel, type ModelRun, type Person, personWallet } from './model.ts'
import { newPerson } from './people.ts'

/** A real team of three beside the model of one. */
export class Bench {
  readonly model = new LedgerModel()
  readonly world: World
  readonly clock: TestClock
  readonly people: readonly Actor[]
  readonly admin: Actor
  readonly teamId: string

  private constructor(world: World, clock: TestClock, people: readonly Actor[], admin: Actor, teamId: string) {
    this.world = world
    this.clock = clock
    this.people = people
    this.admin = admin
    this.teamId = teamId
  }

  static async open(dialect: 'sqlite' | 'postgres'): Promise<Bench> {
    const clock = new TestClock()
    const world = await createWorld(dialect, { clock, settings: { welcomeCreditMicros: 0n } })
    const people = []
    for (const name of ['ann', 'ben', 'cat']) people.push(await newPerson(world.core, name))
    const admin = await newPerson(world.core, 'root', 'admin')
    const owner = people[0] as Actor
    const team = await createTeam(world.core, owner, { name: 'Acme' })
    const bench = new Bench(world, clock, people, admin, team.id)
    bench.model.nowMs = clock.nowMs()
    return bench
  }

  actor(index: Person): Actor {
    return this.people[index] as Actor
  }

  context(index: Person, isTeam: boolean): Context {
    return isTeam ? teamContext(this.teamId) : personal(this.actor(index).accountId)
  }

  paid(run: ModelRun, index: number) {
    const { accountId } = this.actor(run.person)
    return { id: `run_${index}`, context: this.context(run.person, run.inTeam), accountId, holds: run.holds.length }
  }

  async hold(run: ModelRun, index: number, amountMicros: bigint): Promise<void> {
    const paid = this.paid(run, index)
    await this.world.core.db.write(async (tx) => {
      await requireSpender(tx, paid, [])
      await placeHold(tx, paid, { amountMicros, nowMs: this.clock.nowMs() })
    })
  }

  async settle(run: ModelRun, index: number, costMicros: bigint): Promise<bigint> {
    const paid = this.paid(run, index)
    const settle = { costMicros, nowMs: this.clock.nowMs() }
    return (await this.world.core.db.write((tx) => settleHolds(tx, paid, settle))).owedMicros
  }

  /** The ledger is sound, and everything in it is what the model says. */
  async compare(): Promise<void> {
    const { core } = this.world
    expect(await checkLedger(core)).toEqual({ sound: true, sumMicros: 0n, differences: [] })
    for (const index of [0, 1, 2, 'team'] as const) {
      const isTeam = index === 'team'
      const wallet = isTeam ? 'team' : personWallet(index)
      const { posted, held } = this.model.wallets[wallet]
      expect({ wallet, ...(await balanceOf(core.db, this.context(isTeam ? 0 : index, isTeam))) }).toMatchObject({
        wallet,
        balanceUsd: formatUsd(posted),
        heldUsd: formatUsd(held),
        availableUsd: formatUsd(this.model.free(wallet)),
      })
    }
    for (const [scope, stored] of this.storedScopes()) {
      const row = await findUsage.first(core.db, { scope: stored, period: this.model.period })
      const used = { micros: row?.used_micros ?? 0n, runs: row?.runs ?? 0 }
      expect({ scope, ...used }).toEqual({ scope, ...this.model.usage(scope) })
    }
  }

  private storedScopes(): [string, string][] {
    const own = this.people.flatMap(({ accountId }, index): [string, string][] => [
      [`p${index}`, `account:${accountId}`],
      [`m${index}`, `member:${this.teamId}:${accountId}`],
    ])
    return [...own, ['team', `team:${this.teamId}`]]
  }
}
