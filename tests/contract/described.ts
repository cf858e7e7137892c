import { pino } from 'pino'
import type { Core } from '#core/core.ts'
import { systemIds } from '#core/ids.ts'
import { createApp } from '#server/app.ts'
import { readConfig } from '#server/config.ts'
import { type Route, routesOf } from '#server/openapi/document.ts'

/** Every route with what it says of itself. Nothing is asked of a database to make an app, so there is none behind this one. */
export function describedRoutes(): Route[] {
  const core = { db: { dialect: 'sqlite' }, ids: systemIds } as Core
  return routesOf(createApp({ core, config: readConfig({}), log: pino({ level: 'silent' }), channels: [] }))
}
