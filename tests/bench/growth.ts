import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addHistory } from './history.ts'
import { Player } from './players.ts'
import { median } from './rounds.ts'

const AT_ONCE = 50
const LAPS = Number(process.env.ROUNDS ?? 9)
const LAP_MS = Number(process.env.LAP_MS ?? 700)
const MOST = Number(process.env.STORED ?? 1_000_000)
const SIZES = [1_000, 10_000, 100_000, 1_000_000].filter((size) => size <= MOST)

interface Beside {
  stored: number
  path: string
  player: Player
  laps: number[]
}

/** What a run costs beside so many that are stored: a database and a process for each number, and laps in turn. */
export async function benchGrowth(): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  const all: Beside[] = []
  try {
    const paths = await databases(directory)
    for (const [stored, path] of paths) {
      const player = await Player.start('muster', `sqlite:${path}`)
      all.push({ stored, path, player, laps: [] })
      await player.lap(LAP_MS, AT_ONCE)
    }
    for (let lap = 0; lap < LAPS; lap++) {
      // Once forwards, once backwards: what wears on through a round falls on all of them alike.
      for (const one of lap % 2 === 0 ? all : all.toReversed()) {
        one.laps.push((await one.player.lap(LAP_MS, AT_ONCE)).cpuMicrosPerRun)
      }
    }
    tell(all)
  } finally {
    for (const { player } of all) await player.stop()
    rmSync(directory, { recursive: true, force: true })
  }
  return true
}

/** The number of stored runs and where they are; each grown from a copy of the one before. */
async function databases(directory: string): Promise<Map<number, string>> {
  const growing = join(directory, 'growing.db')
  const player = await Player.start('muster', `sqlite:${growing}`)
  await player.lap(1_000, AT_ONCE)
  // The last cards are delivered a moment later.
  await sleep(1_500)
  await player.stop()
  const paths = new Map<number, string>()
  for (const stored of SIZES) {
    addHistory(growing, stored)
    const path = join(directory, `${stored}.db`)
    copyFileSync(growing, path)
    paths.set(stored, path)
  }
  rmSync(growing)
  return paths
}

function tell(all: readonly Beside[]): void {
  console.log(`What a run costs beside those that are stored; median of ${LAPS} laps in turn`)
  const [first] = all
  for (const { stored, path, laps } of all) {
    const pairs = laps.map((cost, lap) => cost / (first?.laps[lap] ?? cost))
    const range = `${Math.min(...laps).toFixed(0)}–${Math.max(...laps).toFixed(0)}`
    const size = (statSync(path).size / 1024 / 1024).toFixed(0)
    console.log(
      `  ${String(stored).padStart(9)} stored, ${size.padStart(5)} MB: ${median(laps).toFixed(0)} CPU µs a run (${range}), ${median(pairs).toFixed(2)}×`,
    )
  }
}
