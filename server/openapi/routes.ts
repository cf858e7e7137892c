import { Hono } from 'hono'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from './describe.ts'

/**
 * `/openapi.json`: built, and what it is built from loaded, when somebody asks for the first time.
 */
export function openApiRoutes({ config }: Pick<ServerDeps, 'config'>, all: () => Pick<Hono<Env>, 'routes'>): Hono<Env> {
  const app = new Hono<Env>()
  let text: Promise<string> | undefined

  app.get(
    '/openapi.json',
    describe({
      summary: 'This document',
      group: 'ops',
      asks: 'nobody',
      answers: { 200: { media: 'application/json', says: 'OpenAPI 3.1' } },
    }),
    async (c) => {
      text ??= documentText()
      return c.body(await text, 200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' })
    },
  )

  async function documentText(): Promise<string> {
    const { buildDocument } = await import('./document.ts')
    return JSON.stringify(buildDocument(all(), { url: config.publicUrl }))
  }
  return app
}
