import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from './rounds.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const ROUNDS = Number(process.env.ROUNDS ?? 5)

/** From nothing to listening, and what it holds in memory then: the program as `npm start` starts it, on an empty database. */
export async function benchStart(): Promise<boolean> {
  const [listeningMs, againMs, residentMb]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < ROUNDS; round++) {
    const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'))
    listeningMs.push((await startOnce(directory)).listeningMs)
    const second = await startOnce(directory)
    againMs.push(second.listeningMs)
    residentMb.push(second.residentMb)
    rmSync(directory, { recursive: true, force: true })
  }
  const told = (values: number[]): string =>
    `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`
  console.log(`Start, median of ${ROUNDS}; load of the machine ${loadavg()[0]?.toFixed(1)}`)
  console.log(`  listening after, on an empty folder   ${told(listeningMs)} ms`)
  console.log(`  listening after, the next time        ${told(againMs)} ms`)
  console.log(`  resident a second later               ${told(residentMb)} MB`)
  return true
}

async function startOnce(directory: string): Promise<{ listeningMs: number; residentMb: number }> {
  const startMs = performance.now()
  const program = spawn(process.execPath, [join(ROOT, 'server/cli/main.ts'), 'start'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: `sqlite:${join(directory, 'muster.db')}`,
      PORT: '0',
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve, reject) => {
    let said = ''
    program.stdout.on('data', (chunk) => {
      said += chunk
      if (said.includes('Muster is at')) resolve()
    })
    program.once('exit', () => reject(new Error(`It ended: ${said}`)))
  })
  const listeningMs = performance.now() - startMs
  await sleep(1_000)
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1]
  program.kill('SIGTERM')
  await once(program, 'exit')
  return { listeningMs, residentMb: Number(resident) / 1024 }
}
