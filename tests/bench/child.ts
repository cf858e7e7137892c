import { join } from 'node:path'
import { CONTESTANTS, type Contestant } from './contestant.ts'
import { closedLoop } from './rounds.ts'

/**
 * One contestant in a process of its own, so that its processor time is its own: `child.ts <name> <url>`. Told how many
 * runs to do, and how many at once, it answers how long they took.
 */
const [name = '', url = ''] = process.argv.slice(2)
const [file = '', shape] = (CONTESTANTS[name]?.module ?? '').split('#')
const { start } = await import(join(import.meta.dirname, 'peers', file))
const contestant: Contestant = await start(url, shape)

process.on('message', async ({ runs, atOnce }: { runs: number; atOnce: number }) => {
  if (runs === 0) {
    await contestant.stop()
    process.exit(0)
  }
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  await closedLoop(runs, atOnce, (slot) => contestant.one(slot))
  const { user, system } = process.cpuUsage(cpu)
  process.send?.({ ms: performance.now() - startMs, cpuMicros: user + system })
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
