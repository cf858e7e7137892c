import { benchChat } from './chat.ts'
import { benchFairness } from './fairness.ts'
import { benchGrowth } from './growth.ts'
import { benchLatency } from './latency.ts'
import { benchPostgres } from './postgres.ts'
import { benchSchedules } from './schedules.ts'
import { benchStart } from './start.ts'
import { benchWrites } from './writes.ts'

/**
 * `npm run bench [-- <name> …]`: each compares side by side and prints medians; ratios travel, figures do not. Ends with 1
 * when somebody could not take part.
 */
const BENCHES: Record<string, () => Promise<unknown>> = {
  writes: benchWrites,
  postgres: benchPostgres,
  fairness: benchFairness,
  latency: benchLatency,
  growth: benchGrowth,
  start: benchStart,
  schedules: benchSchedules,
  chat: benchChat,
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !(name in BENCHES))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}.`)
  process.exit(2)
}
// So that the servers it started end with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

let isComplete = true
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  isComplete = (await BENCHES[name]?.()) !== false && isComplete
}
process.exit(isComplete ? 0 : 1)
