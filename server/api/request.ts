import type { Context } from 'hono'
import type { z } from 'zod'
import type { ApiScope } from '#core/accounts/scopes.ts'
import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import { notFound } from '#core/errors.ts'
import { actorOf, requirePrincipal } from '../auth/principal.ts'
import type { Env } from '../env.ts'
import { readBody } from '../read-body.ts'

/**
 * Who asks, and what they sent. Strangers are refused before their body is read. A body that has a `context` says with
 * it who pays.
 */
export async function readRequest<T extends z.ZodType<object>>(
  core: Core,
  c: Context<Env>,
  schema: T,
  scope?: ApiScope,
): Promise<{ actor: Actor; body: z.infer<T> }> {
  requirePrincipal(c, scope)
  const body = await readBody(c, schema)
  const context = 'context' in body ? (body.context as { type: string; id: string }) : undefined
  return { actor: await actorOf(core, c, { body: context, ...(scope ? { scope } : {}) }), body }
}

const ID = /^[\x21-\x7e]{1,200}$/

/** An id of the path. What could be none, and in a database not even be looked for, is not found. */
export function pathId(c: Context<Env>, name: string, what: string): string {
  const id = c.req.param(name) ?? ''
  if (!ID.test(id)) throw notFound(what)
  return id
}

/** The account of the path: its id, never a handle. */
export function pathAccount(c: Context<Env>): string {
  const id = pathId(c, 'accountId', 'such person')
  if (!id.startsWith('acc_')) throw notFound('such person')
  return id
}

export function pathTeam(c: Context<Env>): string {
  const id = pathId(c, 'id', 'such team')
  if (!id.startsWith('team_')) throw notFound('such team')
  return id
}
