import { z } from 'zod'
import type { Overview } from '#core/admin/overview.ts'
import { moment, shapeOf, usd } from './shape.ts'

const counts = z.record(z.string(), z.int())

export const ADMIN_VIEWS = {
  Overview: shapeOf<Overview>()(
    z.object({
      at: moment,
      accounts: z.int(),
      teams: z.int(),
      wallets: z.object({ balanceUsd: usd, heldUsd: usd }),
      liveRuns: counts.meta({ description: 'Runs that have not ended, by status' }),
      lastDay: z.object({ runs: counts, costUsd: usd }).meta({ description: 'Runs of the last 24 hours' }),
      queue: z
        .record(z.string(), z.object({ items: z.int(), due: z.int() }))
        .meta({ description: 'Stored work, by kind' }),
    }),
  ),
}
