import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type Cli, exitOf } from './cli-process.ts'

/** Longer than any test: one that is forgotten ends all the same. */
const LIFE_MAX_MS = 300_000

/** A server started from the command line. */
export interface CliServer {
  url: string
  child: ChildProcess
  /** Everything it has logged so far. */
  logged(): string
  stop(): Promise<number | null>
  kill(): Promise<void>
}

/** Resolves when it says where it is. */
export async function startCliServer(cli: Cli, ...args: string[]): Promise<CliServer> {
  const child = cli.start(['start', '--json', ...args], LIFE_MAX_MS)
  let logged = ''
  child.stderr?.on('data', (chunk) => {
    logged += chunk
  })
  let document = ''
  for await (const line of createInterface({ input: child.stdout as Readable })) {
    document += line
    if (line === '}') break
  }
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exited = exitOf(child)
    child.kill(signal)
    return exited
  }
  return {
    url: JSON.parse(document).url,
    child,
    logged: () => logged,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  }
}
