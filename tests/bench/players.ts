import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Lap {
  runs: number
  runsPerSecond: number
  /** Its own processor time, without that of a server it uses. */
  cpuMicrosPerRun: number
}

/** A contestant at work in a process of its own. */
export class Player {
  readonly name: string
  readonly #process: ChildProcess
  readonly #ended: Promise<never>

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#process = child
    this.#ended = once(child, 'exit').then(() => Promise.reject(new Error(`${name} ended`)))
    // Ended by us it is nobody's concern.
    this.#ended.catch(() => {})
  }

  static async start(name: string, url: string): Promise<Player> {
    const child = fork(join(import.meta.dirname, 'child.ts'), [name, url], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const player = new Player(name, child)
    await player.#answer()
    return player
  }

  async lap(forMs: number, atOnce: number): Promise<Lap> {
    this.#process.send({ ms: forMs, atOnce })
    const { runs, ms, cpuMicros } = (await this.#answer()) as { runs: number; ms: number; cpuMicros: number }
    return { runs, runsPerSecond: (runs * 1000) / ms, cpuMicrosPerRun: cpuMicros / runs }
  }

  async #answer(): Promise<unknown> {
    const unheard = new AbortController()
    try {
      const [answer] = await Promise.race([once(this.#process, 'message', { signal: unheard.signal }), this.#ended])
      return answer
    } finally {
      unheard.abort()
    }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    this.#process.send({ ms: 0, atOnce: 0 })
    await Promise.race([once(this.#process, 'exit'), new Promise((resolve) => setTimeout(resolve, 10_000))])
    this.#process.kill('SIGKILL')
  }
}
