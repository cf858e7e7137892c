import type { Cost, FLOWS } from '#tests/e2e/support/flow-costs.ts'

const cost = (said: number, tapped: number): Cost => ({ said, tapped })

/** What the everyday flows take in the console, counted by the test that plays them. */
export const WEB: Record<keyof typeof FLOWS, Cost> = {
  first: cost(1, 2),
  missing: cost(1, 1),
  confirm: cost(1, 1),
  invite: cost(1, 1),
  switch: cost(0, 2),
  approve: cost(0, 1),
  changes: cost(0, 3),
  askMore: cost(0, 2),
  retry: cost(0, 1),
  schedule: cost(1, 1),
  cancel: cost(0, 1),
  find: cost(1, 3),
}
