import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addHistory } from './history.ts'
import { Player } from './players.ts'
import { median } from './rounds.ts'

const AT_ONCE = 50
const LAPS = 7
const LAP_MS = 700
const MOST = Number(process.env.STORED ?? 1_000_000)
const SIZES = [1_000, 10_000, 100_000, 1_000_000].filter((size) => size <= MOST)

/** What a run costs beside so many that are stored. */
export async function benchGrowth(): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  const path = join(directory, 'muster.db')
  const player = await Player.start('muster', `sqlite:${path}`)
  try {
    await player.lap(1_000, AT_ONCE)
    // The last cards are delivered a moment later.
    await sleep(1_500)
    const costs: number[] = []
    console.log(`What a run costs beside those that are stored; median of ${LAPS} laps`)
    for (const stored of SIZES) {
      addHistory(path, stored)
      await player.lap(300, AT_ONCE)
      const laps: number[] = []
      for (let lap = 0; lap < LAPS; lap++) laps.push((await player.lap(LAP_MS, AT_ONCE)).cpuMicrosPerRun)
      costs.push(median(laps))
      const ratio = (median(laps) / (costs[0] ?? 1)).toFixed(2)
      const range = `${Math.min(...laps).toFixed(0)}–${Math.max(...laps).toFixed(0)}`
      const size = (statSync(path).size / 1024 / 1024).toFixed(0)
      console.log(
        `  ${String(stored).padStart(9)} stored, ${size.padStart(5)} MB: ${median(laps).toFixed(0)} CPU µs a run (${range}), ${ratio}×`,
      )
    }
  } finally {
    await player.stop()
    rmSync(directory, { recursive: true, force: true })
  }
  return true
}
