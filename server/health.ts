import { Hono } from 'hono'
import { countRows } from '#db/health.ts'
import { pendingMigrations } from '#db/migrate.ts'
import type { Env, ServerDeps } from './env.ts'
import { describe } from './openapi/describe.ts'

/** `/healthz`: the process answers. `/readyz`: it can do its work. `/health`: the same with each part by name. */
export function healthRoutes({ core, config }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  app.get(
    '/healthz',
    describe({ summary: 'The process answers', group: 'ops', asks: 'nobody', answers: { 200: 'Alive' } }),
    (c) => c.json({ status: 'ok' }),
  )
  app.get(
    '/readyz',
    describe({ summary: 'It can do its work', group: 'ops', asks: 'nobody', answers: { 200: 'Alive', 503: 'Alive' } }),
    async (c) => {
      const { ok } = await look()
      return c.json({ status: ok ? 'ok' : 'unavailable' }, ok ? 200 : 503)
    },
  )
  app.get(
    '/health',
    describe({
      summary: 'How each part of it is',
      group: 'ops',
      asks: 'nobody',
      answers: { 200: 'Health', 503: 'Health' },
    }),
    async (c) => {
      const { ok, parts } = await look()
      return c.json({ status: ok ? 'ok' : 'unavailable', parts }, ok ? 200 : 503)
    },
  )

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
