import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '#tests/e2e/support/free-port.ts'
import { eventually } from './eventually.ts'

const ROOT = '/usr/lib/postgresql'

/** Where a server and its client programs of one version are, as Debian installs them; undefined where they are not. */
export function debianPostgres(): string | undefined {
  if (!existsSync(ROOT)) return undefined
  const folders = readdirSync(ROOT).map((version) => join(ROOT, version, 'bin'))
  return folders.find((folder) => ['initdb', 'postgres', 'pg_dump'].every((name) => existsSync(join(folder, name))))
}

/**
 * A server of the version of which `pg_dump` is here: it refuses a newer one, and the embedded server of the other tests is
 * newer, and has no `pg_dump` of its own.
 */
export async function startDebianPostgres(bin: string): Promise<{ url: string; stop(): Promise<void> }> {
  // Not where other tests keep theirs: the server runs as somebody else, who must be able to enter.
  const directory = mkdtempSync('/tmp/muster-debian-postgres-')
  const identity = identityOfServer()
  if (identity.uid !== undefined) chownSync(directory, identity.uid, identity.gid ?? identity.uid)
  const data = join(directory, 'data')
  const run = { cwd: directory, stdio: 'ignore' as const, ...identity }
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'muster', '-A', 'trust', '--no-sync'], run)
  const port = await freePort()
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: directory, max_connections: 200 }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...flags], run)
  const url = `postgres://muster:muster@127.0.0.1:${port}/postgres`
  await eventually(async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.end()
  })
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => server.once('close', resolve))
      server.kill('SIGINT')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A server refuses to run as root. */
function identityOfServer(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}
