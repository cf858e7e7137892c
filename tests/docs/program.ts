import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..', '..')

/** The program as a newcomer starts it: on an empty database, with no setting but where that is, and those given. */
export interface Program {
  url: string
  /** Of the console, where something stands between it and `url`. */
  origin?: string
  /** What it printed when it was ready. */
  banner: string
  claimCode: string
  /** For further commands on the same database. */
  environment: Record<string, string>
  stop(): Promise<void>
}

const READY_WITHIN_MS = 30_000

export async function startProgram(settings: Record<string, string> = {}): Promise<Program> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-docs-'))
  const environment = {
    PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
    HOME: directory,
    DATABASE_URL: `sqlite:${join(directory, 'muster.db')}`,
    PORT: String(await freePort()),
    LOG_LEVEL: 'warn',
    ...settings,
  }
  const child = spawn('node', startArguments(), { cwd: ROOT, env: environment })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let printed = ''
  let complaints = ''
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  const banner = await new Promise<string>((resolve, reject) => {
    const give = (): void => reject(new Error(`It did not start: ${printed}${complaints}`))
    const timer = setTimeout(give, READY_WITHIN_MS)
    child.once('close', give)
    child.stdout.on('data', (chunk) => {
      printed += chunk
      if (!/^ {2}code \S+\n/m.test(printed)) return
      clearTimeout(timer)
      resolve(printed.trimEnd())
    })
  })
  const [, url = ''] = /Muster is at (\S+)/.exec(banner) ?? []
  const [, claimCode = ''] = /^ {2}code (\S+)$/m.exec(banner) ?? []
  return {
    url,
    banner,
    claimCode,
    environment,
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** What `npm start` runs; npm itself is left out, because it does not always pass a signal on. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const [node, ...words] = scripts.start.split(' ')
  if (node !== 'node') throw new Error(`npm start does not run node: ${scripts.start}`)
  // A setting of the developer's own must not change what the documents say.
  return words.filter((word: string) => !word.startsWith('--env-file'))
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
