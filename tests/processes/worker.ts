import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { FromWorker } from './worker-process.ts'

/** The other side of worker-process.ts. */
export class Worker {
  readonly #child: ChildProcess
  readonly #said: FromWorker[] = []
  #waiting: (() => void)[] = []

  constructor(databaseUrl: string, leaseMs: number) {
    const program = join(import.meta.dirname, 'worker-process.ts')
    this.#child = fork(program, [databaseUrl, String(leaseMs)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child.on('message', (message: FromWorker) => {
      this.#said.push(message)
      for (const look of this.#waiting.splice(0)) look()
    })
  }

  async until<S extends FromWorker['say']>(
    say: S,
    isIt: (message: Extract<FromWorker, { say: S }>) => boolean = () => true,
  ): Promise<Extract<FromWorker, { say: S }>> {
    for (;;) {
      const found = this.#said.find(
        (one): one is Extract<FromWorker, { say: S }> =>
          one.say === say && isIt(one as Extract<FromWorker, { say: S }>),
      )
      if (found) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** As a machine that sleeps, or a process that swaps. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child.send('go')
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await exited
  }
}
