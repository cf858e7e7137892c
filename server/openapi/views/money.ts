import { z } from 'zod'
import type { Granted } from '#core/budgets/decide.ts'
import type { BudgetRequest } from '#core/budgets/request.ts'
import type { Payment } from '#core/economy/fund.ts'
import type { Grant } from '#core/economy/grant.ts'
import type { Entry } from '#core/economy/statement.ts'
import type { UsageView } from '#core/economy/usage.ts'
import type { Balance, Wallet } from '#core/economy/wallet.ts'
import { context, moment, shapeOf, usd } from './shape.ts'

const balance = {
  balanceUsd: usd,
  heldUsd: usd.meta({ description: 'For runs that are not over' }),
  availableUsd: usd,
  creditLimitUsd: usd,
  debtUsd: usd,
  creditLine: z.object({ limitUsd: usd, enabled: z.boolean(), approvedBy: z.string() }).nullable(),
}
const limitNames = ['member_monthly_cap', 'team_monthly_cap', 'team_monthly_runs', 'person_monthly_cap'] as const
const limit = { name: z.string(), title: z.string(), resetsAt: moment }
const payment = { transferId: z.string(), amountUsd: usd, ...balance }
const person = z.object({ accountId: z.string(), handle: z.string() })

const budgetRequest = {
  id: z.string(),
  context,
  requester: person,
  runId: z.string().nullable(),
  limit: z.enum([...limitNames, 'available']).meta({ description: '`available` is money in the wallet' }),
  amountUsd: usd,
  runs: z.int().nullable().meta({ description: 'Instead of an amount, where the limit is one of runs' }),
  reason: z.string().nullable(),
  until: moment.nullable(),
  status: z.enum(['open', 'granted', 'declined', 'expired']),
  decidedBy: person.nullable(),
  decisionReason: z.string().nullable(),
  createdAt: moment,
  expiresAt: moment,
  decidedAt: moment.nullable(),
}

const limits = z.array(
  z.union([
    z.object({
      ...limit,
      limitUsd: usd,
      usedUsd: usd,
      remainingUsd: usd,
      raised: z.object({ byUsd: usd, until: moment }).exactOptional(),
    }),
    z.object({
      ...limit,
      limitRuns: z.int(),
      usedRuns: z.int(),
      remainingRuns: z.int(),
      raised: z.object({ byRuns: z.int(), until: moment }).exactOptional(),
    }),
  ]),
)

type Paid = Payment & { context: Wallet['context']; to?: Grant['to'] }

export const MONEY_VIEWS = {
  Wallet: shapeOf<Wallet>()(z.object({ context, ...balance, limits })),
  Usage: shapeOf<UsageView>()(
    z.object({
      context,
      month: z.string(),
      spentUsd: usd.meta({ description: 'What is held included' }),
      runs: z.int(),
      resetsAt: moment,
      members: z.array(z.object({ accountId: z.string(), handle: z.string(), spentUsd: usd })),
      models: z.array(
        z.object({
          provider: z.string(),
          model: z.string(),
          calls: z.int(),
          failed: z.int().meta({ description: 'Those of them that gave no answer' }),
          inputTokens: z.int(),
          outputTokens: z.int(),
          cachedInputTokens: z.int().meta({ description: 'Part of the input' }),
          costUsd: usd,
          estimatedUsd: usd.meta({ description: 'Part of the cost, where the provider did not say what was used' }),
        }),
      ),
      limits,
    }),
  ),
  Entry: shapeOf<Entry>()(
    z.object({
      id: z.string(),
      seq: z.int(),
      at: moment,
      kind: z.string(),
      amountUsd: usd.meta({ description: 'Below zero is money that left' }),
      balanceAfterUsd: usd,
      runId: z.string().nullable(),
      actor: z.string(),
      who: z.string(),
      what: z.string().nullable(),
      reason: z.string().nullable(),
    }),
  ),
  Payment: shapeOf<Paid>()(
    z.object({
      context,
      ...payment,
      to: context.extend({ name: z.string() }).exactOptional().meta({ description: 'Of a grant' }),
    }),
  ),
  CreditLine: shapeOf<Balance & { context: Wallet['context'] }>()(z.object({ context, ...balance })),
  BudgetRequest: shapeOf<BudgetRequest>()(z.object(budgetRequest)),
  BudgetGranted: shapeOf<Granted>()(
    z.object({
      ...budgetRequest,
      run: z.object({ started: z.boolean(), stillMissing: z.string().nullable() }).nullable(),
    }),
  ),
}
