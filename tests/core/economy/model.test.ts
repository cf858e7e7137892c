import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { askForBudget } from '#core/budgets/ask.ts'
import { grantBudget } from '#core/budgets/decide.ts'
import { setCap } from '#core/economy/caps.ts'
import { setCreditLine } from '#core/economy/credit-line.ts'
import { debit } from '#core/economy/debit.ts'
import { fund } from '#core/economy/fund.ts'
import { refundCharge } from '#core/economy/refund.ts'
import { transferOwn } from '#core/economy/transfer-own.ts'
import { formatUsd } from '#core/money.ts'
import { removeMember } from '#core/teams/leave.ts'
import { setLimits } from '#core/teams/limits.ts'
import { addMember } from '#core/teams/members.ts'
import { Bench } from './bench.ts'
import { type LedgerModel, type ModelRun, type Outcome, type Person, personWallet } from './model.ts'
import { codeOf, inTeam } from './people.ts'

const person = fc.constantFrom<Person>(0, 1, 2)
const amount = fc.bigInt(1n, 60n)
const cap = fc.option(fc.bigInt(0n, 250n))
const pick = fc.nat({ max: 999 })

const command = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fund' as const),
      person,
      toTeam: fc.boolean(),
      amount: fc.bigInt(1n, 200n),
    }),
  },
  { weight: 7, arbitrary: fc.record({ do: fc.constant('hold' as const), person, toTeam: fc.boolean(), amount }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('topUp' as const), pick, amount }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      pick,
      share: fc.constantFrom('zero', 'part', 'full', 'over'),
      amount,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('settleAgain' as const), pick, amount }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('refund' as const), pick, amount }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('debit' as const), person, toTeam: fc.boolean(), amount }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('move' as const), person, toTeam: fc.boolean(), amount }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('capPerson' as const), person, cap }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('capMember' as const), person, cap }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('capTeam' as const), cap, maxRuns: fc.option(fc.nat({ max: 12 })) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('creditLine' as const), limit: fc.bigInt(0n, 100n), enabled: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('raise' as const),
      person,
      ofTeam: fc.boolean(),
      amount,
      days: fc.constantFrom(3, 40),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('addMember' as const), person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('removeMember' as const), person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('nextMonth' as const) }) },
)
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

const live = (model: LedgerModel): number[] => model.runs.flatMap(({ isSettled }, index) => (isSettled ? [] : [index]))
const ended = (model: LedgerModel): number[] => model.runs.flatMap(({ isSettled }, index) => (isSettled ? [index] : []))
const oneOf = <T>(list: readonly T[], pick: number): T | undefined => list[pick % Math.max(list.length, 1)]
const usd = (micros: bigint | null): string | null => (micros === null ? null : formatUsd(micros))

/** Does the command on both; they must agree on whether it is refused, and why. */
async function apply(bench: Bench, step: Command): Promise<void> {
  const { model, world, admin, teamId } = bench
  const { core } = world
  const owner = inTeam(bench.actor(0), teamId)
  const agree = async (real: Promise<unknown>, expected: Outcome): Promise<void> =>
    expect(await codeOf(real)).toBe(expected)
  switch (step.do) {
    case 'fund': {
      const wallet = step.toTeam ? 'team' : personWallet(step.person)
      const context = bench.context(step.person, step.toTeam)
      const amountUsd = formatUsd(step.amount)
      if (!step.toTeam) {
        // Into somebody's own wallet: an admin does it there, and may not, in another's context.
        await agree(fund(core, admin, { context, amountUsd }), 'not_found')
        await agree(fund(core, { ...bench.actor(step.person), platformRole: 'admin' }, { context, amountUsd }), 'none')
        model.wallets[wallet].posted += step.amount
        return
      }
      const real = fund(core, bench.actor(step.person), { context, amountUsd })
      return agree(real, model.move(step.person, true, step.amount))
    }
    case 'hold': {
      const run: ModelRun = { person: step.person, inTeam: step.toTeam, holds: [], isSettled: false, charges: [] }
      const index = model.runs.length
      const real = codeOf(bench.hold(run, index, step.amount))
      const got = await real
      const expected = model.hold(run, step.amount)
      expect(got).toBe(expected)
      if (expected === 'none') model.runs.push(run)
      return
    }
    case 'topUp': {
      const index = oneOf(live(model), step.pick)
      const run = index === undefined ? undefined : model.runs[index]
      if (!run || index === undefined) return
      const got = await codeOf(bench.hold(run, index, step.amount))
      expect(got).toBe(model.hold(run, step.amount))
      return
    }
    case 'settle': {
      const index = oneOf(live(model), step.pick)
      const run = index === undefined ? undefined : model.runs[index]
      if (!run || index === undefined) return
      const held = run.holds.reduce((sum, { micros }) => sum + micros, 0n)
      const costs = {
        zero: 0n,
        part: held > step.amount ? step.amount : held / 2n,
        full: held,
        over: held + step.amount,
      }
      const cost = costs[step.share as keyof typeof costs]
      const owed = await bench.settle(run, index, cost)
      expect(owed).toBe(model.settle(run, `run_${index}`, cost))
      return
    }
    case 'settleAgain': {
      const index = oneOf(ended(model), step.pick)
      const run = index === undefined ? undefined : model.runs[index]
      if (!run || index === undefined) return
      await expect(bench.settle(run, index, step.amount)).rejects.toThrow()
      return
    }
    case 'refund': {
      const charges = model.runs.flatMap((run) => run.charges.map((charge) => ({ run, charge })))
      const chosen = oneOf(charges, step.pick)
      if (!chosen) return
      const { run, charge } = chosen
      const request = { transferId: charge.id, amountUsd: formatUsd(step.amount), reason: 'It did not help' }
      await agree(refundCharge(core, bench.actor(1), request), 'forbidden')
      return agree(refundCharge(core, admin, request), model.refund(run, charge, step.amount))
    }
    case 'debit': {
      const { accountId } = bench.actor(step.person)
      const request = { accountId, amountUsd: formatUsd(step.amount), description: 'A stamp' }
      const real = debit(core, bench.actor(step.person), step.toTeam ? { ...request, teamId } : request)
      return agree(real, model.debit(step.person, step.toTeam, step.amount))
    }
    case 'move': {
      const [from, to] = [bench.context(step.person, !step.toTeam), bench.context(step.person, step.toTeam)]
      const real = transferOwn(core, bench.actor(step.person), { from, to, amountUsd: formatUsd(step.amount) })
      return agree(real, model.move(step.person, step.toTeam, step.amount))
    }
    case 'capPerson':
      model.personCaps[step.person] = step.cap
      return agree(setCap(core, bench.actor(step.person), { subject: 'me', amountUsd: usd(step.cap) }), 'none')
    case 'capMember': {
      const isMember = model.members.has(step.person)
      if (isMember) model.members.set(step.person, step.cap)
      const subject = `@${bench.actor(step.person).handle}`
      return agree(setCap(core, owner, { subject, amountUsd: usd(step.cap) }), isMember ? 'none' : 'not_found')
    }
    case 'capTeam':
      model.teamCap = step.cap
      model.maxRuns = step.maxRuns
      await setLimits(core, owner, {
        teamId,
        limits: { monthlySpendCapUsd: usd(step.cap), maxRunsPerMonth: step.maxRuns },
      })
      return
    case 'creditLine':
      model.credit = step.enabled ? step.limit : 0n
      await setCreditLine(core, admin, { teamId, limitUsd: formatUsd(step.limit), enabled: step.enabled })
      return
    case 'raise': {
      const untilMs = bench.clock.nowMs() + step.days * 24 * 60 * 60 * 1000
      const limit = step.ofTeam ? 'team_monthly_cap' : 'member_monthly_cap'
      const asker = inTeam(bench.actor(step.person), teamId)
      const asked = askForBudget(core, asker, { limit, amount: formatUsd(step.amount), untilMs })
      await agree(asked, model.raise(step.person, step.ofTeam, step.amount, untilMs))
      const request = await asked.catch(() => undefined)
      if (request) await agree(grantBudget(core, owner, { requestId: request.id }), 'none')
      return
    }
    case 'addMember': {
      const { accountId } = bench.actor(step.person)
      if (!model.members.has(step.person)) model.members.set(step.person, null)
      await addMember(core, owner, { teamId, accountId, role: 'member' })
      return
    }
    case 'removeMember': {
      const { accountId } = bench.actor(step.person)
      const real = removeMember(core, owner, { teamId, accountId })
      const isMember = model.members.has(step.person)
      if (step.person !== 0) model.members.delete(step.person)
      return agree(real, step.person === 0 ? 'conflict' : isMember ? 'none' : 'not_found')
    }
    case 'nextMonth':
      bench.clock.advance(31 * 24 * 60 * 60 * 1000)
      model.nowMs = bench.clock.nowMs()
      model.period = new Date(model.nowMs).toISOString().slice(0, 7)
  }
}

describe.each([
  { dialect: 'sqlite' as const, sequences: 110, length: 100, least: 10_000 },
  { dialect: 'postgres' as const, sequences: 8, length: 60, least: 400 },
])('the ledger does on $dialect what its model says', ({ dialect, sequences, length, least }) => {
  let bench: Bench | undefined
  afterEach(() => bench?.world.end())

  test(`over ${least} commands and more, each followed by a check of everything`, { timeout: 600_000 }, async () => {
    let commands = 0
    const oneSequence = fc.asyncProperty(
      fc.array(command, { minLength: length - 5, maxLength: length }),
      async (steps) => {
        await bench?.world.end()
        bench = await Bench.open(dialect)
        for (const step of steps) {
          await apply(bench, step)
          await bench.compare()
          commands++
        }
        expect(bench.world.errors).toEqual([])
      },
    )
    await fc.assert(oneSequence, { numRuns: sequences })
    expect(commands).toBeGreaterThanOrEqual(least)
  })
})
