import { Hono } from 'hono'
import { countRows } from '#db/health.ts'
import { pendingMigrations } from '#db/migrate.ts'
import type { Env, ServerDeps } from './env.ts'

/** `/healthz`: the process answers. `/readyz`: it can do its work. `/health`: the same with each part by name. */
export function healthRoutes({ core, config }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    const { ok } = await look()
    return c.json({ status: ok ? 'ok' : 'unavailable' }, ok ? 200 : 503)
  })
  app.get('/health', async (c) => {
    const { ok, parts } = await look()
    return c.json({ status: ok ? 'ok' : 'unavailable', parts }, ok ? 200 : 503)
  })

  async function look(): Promise<{ ok: boolean; parts: Record<string, { ok: boolean; detail?: string }> }> {
    const parts = {
      database: await part(async () => void (await countRows.first(core.db, {}))),
      migrations: await part(async () => {
        const missing = await pendingMigrations(config.databaseUrl)
        if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`)
      }),
    }
    return { ok: Object.values(parts).every(({ ok }) => ok), parts }
  }
  return app
}

async function part(check: () => Promise<void>): Promise<{ ok: boolean; detail?: string }> {
  try {
    await check()
    return { ok: true }
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : 'failed' }
  }
}
