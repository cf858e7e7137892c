import { benchPostgres } from './postgres.ts'
import { benchSchedules } from './schedules.ts'
import { benchWrites } from './writes.ts'

/** `npm run bench -- <name>`: each compares side by side in one process and prints medians; ratios travel, figures do not. */
const BENCHES: Record<string, () => Promise<void>> = {
  schedules: benchSchedules,
  writes: benchWrites,
  postgres: benchPostgres,
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !(name in BENCHES))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}.`)
  process.exit(2)
}
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) await BENCHES[name]?.()
process.exit(0)
