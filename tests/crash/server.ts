import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The repository this file is in. */
export const OWN_ROOT = join(import.meta.dirname, '..', '..')
const START_MAX_MS = 120_000
const STOP_MAX_MS = 12_000
const ERROR_LEVEL = 50

/** Whoever ends the story early takes the program with it. */
const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

export interface Ready {
  url: string
  claim: { code: string } | null
}

export interface ServerOptions {
  /** Where it is started; away from the repository, whose .env is nobody's business here. */
  directory: string
  role: string
  /** The program's folder. */
  root: string
  /** The gate at which it ends itself; see gate.ts. */
  gate?: number
}

/** With which `npm start` has Node run it. */
const { scripts } = JSON.parse(readFileSync(join(OWN_ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } }
const NODE_FLAGS = scripts.start.split(' ').slice(1, -2)

/** One life of the real program: from its start to the signal that ends it. */
export class ServerProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<number | null>
  readonly #ready: Promise<Ready>
  #stdout = ''
  #stderr = ''
  #isEnding = false

  constructor(environment: Record<string, string>, { directory, role, root, gate }: ServerOptions) {
    const gated = gate === undefined ? [] : ['--import', join(import.meta.dirname, 'gate.ts')]
    const program = [join(root, 'server', 'cli', 'main.ts'), '--json', 'start', '--role', role]
    this.#child = spawn(process.execPath, [...NODE_FLAGS, ...gated, ...program], {
      cwd: directory,
      env: { PATH: process.env.PATH ?? '', CRASH_AT_GATE: String(gate ?? ''), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    living.add(this.#child)
    this.#exited = new Promise((resolve) => this.#child.once('close', (code) => resolve(code)))
    void this.#exited.then(() => living.delete(this.#child))
    this.#ready = this.#untilReady()
    // Who kills it while it starts never asks.
    this.#ready.catch(() => {})
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Rejects when it ends before it has said where it is. */
  ready(): Promise<Ready> {
    return this.#ready
  }

  /** kill -9, at whatever it is doing. Resolves when the operating system has let go of it. */
  async kill(): Promise<void> {
    this.#isEnding = true
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Resolves when it has ended by itself, whatever ended it. */
  async ended(): Promise<void> {
    await this.#exited
    this.#isEnding = true
  }

  /** Stands still for that long, in the middle of whatever it is doing, and goes on. */
  async freeze(forMs: number): Promise<void> {
    this.#child.kill('SIGSTOP')
    await sleep(forMs)
    this.#child.kill('SIGCONT')
  }

  /** Asks it to stop; gives the exit code, null when it had to be killed. */
  async stop(): Promise<number | null> {
    this.#isEnding = true
    this.#child.kill('SIGTERM')
    const code = await Promise.race([this.#exited, sleep(STOP_MAX_MS, undefined, { ref: false })])
    if (code !== undefined) return code
    await this.kill()
    return null
  }

  /** What it logged as an error, as JSON lines. */
  errors(): string[] {
    return this.#stderr.split('\n').filter((line) => levelOf(line) >= ERROR_LEVEL)
  }

  #untilReady(): Promise<Ready> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(this.#neverReady('did not start in time')), START_MAX_MS)
      this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        this.#stdout += text
        const ready = parse<Ready>(this.#stdout)
        if (ready) resolve(ready)
      })
      void this.#exited.then((code) => {
        clearTimeout(late)
        reject(this.#neverReady(this.#isEnding ? 'was killed while it started' : `ended with ${code}`))
      })
      void this.#ready?.finally(() => clearTimeout(late)).catch(() => {})
    })
  }

  #neverReady(how: string): Error {
    return new Error(`The server ${how}:\n${this.#stdout}\n${this.#stderr.slice(-4_000)}`)
  }
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}

const levelOf = (line: string): number => parse<{ level?: number }>(line)?.level ?? 0
