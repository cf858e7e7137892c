import { join } from 'node:path'
import { CONTESTANTS, type Contestant } from './contestant.ts'
import { closedLoopFor } from './rounds.ts'

/**
 * One contestant in a process of its own, so that its processor time is its own: `child.ts <name> <url>`. Told for how
 * long to do runs, and how many at once, it answers how many it did and what they cost.
 */
const [name = '', url = ''] = process.argv.slice(2)
const [file = '', shape] = (CONTESTANTS[name]?.module ?? '').split('#')
const { start } = await import(join(import.meta.dirname, 'peers', file))
const contestant: Contestant = await start(url, shape)

process.on('message', async ({ ms, atOnce }: { ms: number; atOnce: number }) => {
  if (ms === 0) {
    await contestant.stop()
    process.exit(0)
  }
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  const runs = await closedLoopFor(ms, atOnce, (slot) => contestant.one(slot))
  const { user, system } = process.cpuUsage(cpu)
  process.send?.({ runs, ms: performance.now() - startMs, cpuMicros: user + system })
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
