import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'

const MAIN = join(import.meta.dirname, '..', '..', 'server', 'cli', 'main.ts')
/** A command that has not ended by then hangs. */
const TIMEOUT_MS = 30_000

export interface Ended {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** The real command line, on one database, in a folder of its own. */
export class Cli {
  readonly directory = mkdtempSync(join(tmpdir(), 'muster-cli-'))
  readonly #environment: Record<string, string>

  constructor(environment: Record<string, string>) {
    this.#environment = { PATH: process.env.PATH ?? '', HOME: this.directory, PORT: '0', ...environment }
  }

  start(args: readonly string[], timeoutMs = TIMEOUT_MS): ChildProcess {
    return spawn(process.execPath, [MAIN, ...args], {
      cwd: this.directory,
      env: this.#environment,
      timeout: timeoutMs,
    })
  }

  async run(args: readonly string[], input = ''): Promise<Ended> {
    const child = this.start(args)
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
    const [stdout, stderr, exitCode] = await Promise.all([
      readAll(child.stdout as Readable),
      readAll(child.stderr as Readable),
      exitOf(child),
    ])
    return { exitCode, stdout, stderr }
  }

  /** Of a command with `--json`: its one document. */
  // biome-ignore lint/suspicious/noExplicitAny: each command has a document of its own
  async json(args: readonly string[], input = ''): Promise<{ exitCode: number | null; document: any; stderr: string }> {
    const { stdout, stderr, exitCode } = await this.run([...args, '--json'], input)
    return { exitCode, document: JSON.parse(stdout), stderr }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

export const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('close', resolve))
