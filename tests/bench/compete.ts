import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CONTESTANTS } from './contestant.ts'
import { installPeers } from './peers.ts'
import { type Lap, Player } from './players.ts'
import { median, spread } from './rounds.ts'
import { type Server, startPostgresServer, startRedis } from './servers.ts'

const AT_ONCE = 50
const ROUNDS = Number(process.env.ROUNDS ?? 5)
const LAP_MS = Number(process.env.LAP_MS ?? 1_500)

/**
 * Laps turn and turn about, so that a noisy moment meets all; the first name is the one that others are compared with.
 * False when somebody could not take part.
 */
export async function compete(names: string[], title: string): Promise<boolean> {
  const missing = installPeers()
  const redis = await startRedis()
  const postgres = await startPostgresServer()
  const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'))
  const servers: Record<string, Server | undefined> = { redis, postgres }
  const players: Player[] = []
  const absent: string[] = []
  try {
    const chosen = process.env.ONLY?.split(',') ?? names
    for (const name of names.filter((name) => chosen.includes(name))) {
      const { module, needs = 'file' } = CONTESTANTS[name] as (typeof CONTESTANTS)[string]
      const url = needs === 'file' ? `sqlite:${join(directory, `${name}.db`)}` : await servers[needs]?.newUrl()
      const why = url === undefined ? `There is no ${needs}-server on this machine` : module.includes('.mjs') && missing
      if (why) absent.push(`${name}: ${why}`)
      else players.push(await Player.start(name, url as string))
    }
    print(title, await rounds(players, servers))
  } finally {
    await Promise.all(players.map((player) => player.stop()))
    await redis?.stop()
    await postgres.stop()
    rmSync(directory, { recursive: true, force: true })
  }
  for (const line of absent) console.error(`Not measured: ${line}`)
  return absent.length === 0
}

interface Result extends Lap {
  serverMicrosPerRun: number
}

async function rounds(players: Player[], servers: Record<string, Server | undefined>): Promise<Map<string, Result[]>> {
  const results = new Map<string, Result[]>(players.map(({ name }) => [name, []]))
  // One lap before, in which nothing counts: what is compiled late and opened late is then there.
  for (let round = -1; round < ROUNDS; round++) {
    for (const player of players) {
      const { needs } = CONTESTANTS[player.name] as (typeof CONTESTANTS)[string]
      const server = needs && servers[needs]
      const beforeMicros = server?.cpuMicros() ?? 0
      const lap = await player.lap(LAP_MS, AT_ONCE)
      const serverMicros = (server?.cpuMicros() ?? 0) - beforeMicros
      if (round >= 0) results.get(player.name)?.push({ ...lap, serverMicrosPerRun: serverMicros / lap.runs })
    }
  }
  return results
}

function print(title: string, results: Map<string, Result[]>): void {
  const rate = (name: string): number => median((results.get(name) ?? []).map(({ runsPerSecond }) => runsPerSecond))
  const [first = ''] = results.keys()
  console.log(
    `${title}; ${AT_ONCE} at once, median of ${ROUNDS} rounds (least–most); load of the machine ${loadavg()[0]?.toFixed(1)}`,
  )
  console.log(`${'runs/s'.padStart(8)}${''.padEnd(14)}${'CPU µs a run'.padEnd(20)}${'Muster is'.padEnd(10)}`)
  for (const [name, laps] of results) {
    const own = median(laps.map(({ cpuMicrosPerRun }) => cpuMicrosPerRun)).toFixed(0)
    const server = median(laps.map(({ serverMicrosPerRun }) => serverMicrosPerRun))
    const cpu = server > 0 ? `${own} + ${server.toFixed(0)} server` : own
    const range = spread(laps.map(({ runsPerSecond }) => runsPerSecond))
    const ratio = `${(rate(first) / rate(name)).toFixed(2)}×`
    console.log(
      `${rate(name).toFixed(0).padStart(8)} ${range.padEnd(13)}${cpu.padEnd(20)}${ratio.padEnd(10)}${CONTESTANTS[name]?.label}`,
    )
  }
}
