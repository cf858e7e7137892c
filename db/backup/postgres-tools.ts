import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { BackupError } from './manifest.ts'

/** How the programs of PostgreSQL are run: where they are looked for, and nothing of our own settings. */
export interface ToolPlace {
  environment: Record<string, string>
}

/** Where to connect, as PostgreSQL's programs take it: the password in none of their arguments, which anybody can list. */
function connectionOf(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const mode = searchParams.get('sslmode')
  return {
    PGHOST: decodeURIComponent(searchParams.get('host') ?? hostname),
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    ...(mode ? { PGSSLMODE: mode } : {}),
  }
}

/** Runs one to its end. What it says on standard error is told when it fails. */
export async function runTool(
  place: ToolPlace,
  url: string,
  command: string,
  args: readonly string[],
  input?: Readable,
): Promise<void> {
  const child = begin(place, url, command, args)
  const failed = text(child.stderr)
  child.stdout.resume()
  child.stdin.on('error', () => {})
  if (input) input.pipe(child.stdin)
  else child.stdin.end()
  const exitCode = await exitOf(child, command)
  if (exitCode !== 0) throw new BackupError('tool_failed', `${command} failed: ${shorten(await failed)}`)
}

/** `pg_restore` writes what a dump does as SQL, and `psql` does it, in one transaction with what comes before and after. */
export async function restoreThrough(
  place: ToolPlace,
  url: string,
  dump: string,
  { before, after }: { before: readonly string[]; after: readonly string[] },
): Promise<void> {
  const reader = begin(place, url, 'pg_restore', ['--no-owner', '--no-privileges', '--schema=public', '--file=-', dump])
  const args = ['--no-psqlrc', '--quiet', '--single-transaction', '--set=ON_ERROR_STOP=1', '--file=-']
  const writer = begin(place, url, 'psql', args)
  const said = [text(reader.stderr), text(writer.stderr)]
  writer.stdout.resume()
  reader.stdin.end()
  writer.stdin.on('error', () => {})
  const ended = [exitOf(reader, 'pg_restore'), exitOf(writer, 'psql')] as const
  writer.stdin.write(`${before.join(';\n')};\n`)
  reader.stdout.pipe(writer.stdin, { end: false })
  const readerCode = await ended[0]
  // Half a dump must not be committed.
  if (readerCode === 0) writer.stdin.end(`\n${after.join(';\n')};\n`)
  else writer.kill('SIGKILL')
  const writerCode = await ended[1]
  if (readerCode === 0 && writerCode === 0) return
  throw new BackupError('tool_failed', `The database was not restored: ${shorten((await Promise.all(said)).join(' '))}`)
}

function begin({ environment }: ToolPlace, url: string, command: string, args: readonly string[]) {
  return spawn(command, args, { env: { ...environment, ...connectionOf(url) }, stdio: ['pipe', 'pipe', 'pipe'] })
}

function exitOf(child: ReturnType<typeof begin>, command: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') return reject(error)
      const message = `${command} is not installed. It comes with PostgreSQL's client programs: apt install postgresql-client.`
      reject(new BackupError('tool_missing', message))
    })
    child.once('close', resolve)
  })
}

const shorten = (said: string): string => said.trim().replaceAll(/\s+/g, ' ').slice(0, 600)
