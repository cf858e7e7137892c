import { connect } from 'node:net'
import { serve } from '@hono/node-server'
import { setTimeout as sleep } from 'node:timers/promises'
import { mkdtempSync } from 'node:fs'
import { appendEvents } from '#core/events/append.ts'
import { openDatabase } from '#db/open.ts'
import { migrateUp } from '#db/migrate.ts'
import { createCore } from '#core/create-core.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { TOOLS } from '#core/tools/index.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { createApp } from '#server/app.ts'
import { readConfig } from '#server/config.ts'
import { createAccountByOperator } from '#core/accounts/create.ts'
import { createApiKey } from '#core/accounts/api-keys.ts'
import { pino } from 'pino'

const url = `sqlite:${mkdtempSync('/tmp/scratch-')}/x.db`
await migrateUp(url, 0)
const db = await openDatabase(url, { synchronous: 'OFF' })
const log = pino()
const core = createCore({ db, databaseUrl: url, tools: createToolRegistry(TOOLS), settings: DEFAULT_SETTINGS, log })
const app = createApp({ core, config: readConfig({ DATABASE_URL: url }), log, channels: [] })
const { id } = await createAccountByOperator(core, { handle: 'ada', admin: false })
const { key } = await createApiKey(core, id, { name: 'x', scopes: [], expiresAtMs: null })
const port: number = await new Promise((r) => serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (a) => r(a.port)))
const listen = (name: string) => {
  const s = connect(port, '127.0.0.1')
  s.on('close', () => console.log(name, 'closed', s.bytesRead))
  s.on('error', (e) => console.log(name, e.message))
  let last = ''
  s.on('data', (b) => { last = (last + b.subarray(-300).toString()).slice(-300) })
  s.write(`GET /v1/collab/events/tail?type=test.big HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n\r\n`)
  return { s, last: () => last }
}
const slow = listen('slow'), quick = listen('quick')
await sleep(500)
slow.s.pause()
const mode = process.argv[2]
const t0 = performance.now()
for (let n = 0; n < Number(process.argv[3] ?? 2000); n += 100) {
  await db.write(async (tx) => appendEvents(tx, 0, Array.from({ length: 100 }, (_, k) => ({ type: 'test.big', actor: 'system', context: `user:${id}`, subject: `big ${n + k}.`, details: { filling: 'x'.repeat(12000) } }))))
  if (mode === 'slowly') await sleep(50)
}
console.log('written', performance.now() - t0)
for (let i = 0; i < 10; i++) { await sleep(500); console.log(quick.s.bytesRead, slow.s.bytesRead, process.memoryUsage().rss >> 20, process.memoryUsage().arrayBuffers >> 20) }
slow.s.resume()
for (let i = 0; i < 6; i++) { await sleep(500); console.log(quick.s.bytesRead, slow.s.bytesRead, JSON.stringify(slow.last().slice(-100))) }
process.exit(0)
