import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres } from '#tests/support/postgres.ts'
import { newPostgresDatabase } from './postgres-database.ts'

/** A server that contestants use, on loopback. */
export interface Server {
  newUrl(): Promise<string>
  /** Processor time of the server and its children so far, in µs, to the hundredth of a second. */
  cpuMicros(): number
  stop(): Promise<void>
}

/** A real Redis that writes its log to disk every second; undefined when none is installed. */
export async function startRedis(): Promise<Server | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined
  const directory = mkdtempSync(join(tmpdir(), 'muster-redis-'))
  const port = await freePort()
  const settings = ['--port', port, '--bind', '127.0.0.1', '--dir', directory, '--save', '']
  const server = spawn('redis-server', [...settings.map(String), '--appendonly', 'yes', '--appendfsync', 'everysec'], {
    stdio: 'ignore',
  })
  const end = (): void => void server.kill()
  process.once('exit', end)
  while (!(await answers(port))) await sleep(50)
  return {
    newUrl: async () => `redis://127.0.0.1:${port}`,
    cpuMicros: () => cpuOf(server.pid ?? 0),
    async stop() {
      process.off('exit', end)
      server.kill()
      await sleep(300)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export async function startPostgresServer(): Promise<Server> {
  const { url, stop } = await startPostgres()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const backend = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid
  const postmaster = statOf(backend)?.parent ?? 0
  return {
    newUrl: () => newPostgresDatabase(url),
    cpuMicros: () => cpuOf(postmaster),
    async stop() {
      await client.end()
      await stop()
    },
  }
}

/** A process with its children, those that ended among them. */
function cpuOf(processId: number): number {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const children = all.map((name) => statOf(Number(name))).filter((stat) => stat?.parent === processId)
  const own = statOf(processId)
  const ticks = children.reduce((sum, child) => sum + (child?.ticks ?? 0), (own?.ticks ?? 0) + (own?.endedTicks ?? 0))
  return ticks * 10_000
}

function statOf(processId: number): { parent: number; ticks: number; endedTicks: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    const at = (index: number): number => Number(fields[index])
    return { parent: at(1), ticks: at(11) + at(12), endedTicks: at(13) + at(14) }
  } catch {
    return undefined
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
