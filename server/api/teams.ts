import { Hono } from 'hono'
import { z } from 'zod'
import { NOTIFICATION_TYPES } from '#core/notifications/types.ts'
import { createTeam } from '#core/teams/create.ts'
import { deleteTeam } from '#core/teams/delete.ts'
import { getTeam, listMyTeams, listTeamsOf } from '#core/teams/find.ts'
import { setLimits } from '#core/teams/limits.ts'
import { transferOwnership } from '#core/teams/ownership.ts'
import { updateTeam } from '#core/teams/update.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { invitationRoutes } from './invitations.ts'
import { memberRoutes } from './members.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathAccount, pathTeam, readRequest } from './request.ts'
import { accountId, amountUsd, jsonObject, text } from './schemas.ts'

const createBody = z.strictObject({ name: text(200) })
const updateBody = z.strictObject({
  name: text(200).exactOptional(),
  confirmAboveUsd: amountUsd.nullable().exactOptional(),
  toolDefaults: z.record(text(64), jsonObject.nullable()).exactOptional(),
  toolAccess: z
    .strictObject({
      mode: z.enum(['allow_all', 'deny_all', 'list']),
      allowed: z.array(text(64)).max(200).default([]),
      denied: z.array(text(64)).max(200).default([]),
    })
    .exactOptional(),
  notifications: z.partialRecord(z.enum(NOTIFICATION_TYPES), z.boolean()).exactOptional(),
  lowBalanceUsd: z.array(amountUsd).max(5).exactOptional(),
})
const limitsBody = z.strictObject({
  monthlySpendCapUsd: amountUsd.nullable().exactOptional(),
  maxRunsPerMonth: z.number().nullable().exactOptional(),
  maxMembers: z.number().nullable().exactOptional(),
  maxRunsAtOnce: z.number().nullable().exactOptional(),
})
const transferBody = z.strictObject({ accountId })

/** Teams, and with them their members and invitations. Teams one is not in do not exist. */
export function teamRoutes(deps: ServerDeps): Hono<Env> {
  const { core } = deps
  const app = new Hono<Env>()
  app.route('/', invitationRoutes(deps))
  app.route('/', memberRoutes(deps))

  app.post(
    '/teams',
    describe({
      summary: 'Make a team',
      more: 'You own it.',
      group: 'teams',
      body: createBody,
      answers: { 201: 'Team' },
      refuses: ['bad_input'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, createBody)
      const team = await doOnce(c, actor, (once) => createTeam(core, once, body))
      return c.json(team, 201, { Location: `/v1/teams/${team.id}` })
    },
  )

  app.get(
    '/teams',
    describe({ summary: 'Your teams', group: 'teams', query: pageQuery, answers: { 200: { list: 'TeamListed' } } }),
    async (c) => {
      const actor = await actorOf(core, c)
      return c.json(pageOf(await listMyTeams(core, actor), readQuery(c, pageQuery), ({ id }) => id))
    },
  )

  app.get(
    '/users/:accountId/teams',
    describe({
      summary: 'The teams of a person',
      more: 'Your own; for platform admins anybody’s.',
      group: 'teams',
      query: pageQuery,
      answers: { 200: { list: 'TeamListed' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const teams = await listTeamsOf(core, actor, pathAccount(c))
      return c.json(pageOf(teams, readQuery(c, pageQuery), ({ id }) => id))
    },
  )

  app.get('/teams/:id', describe({ summary: 'A team', group: 'teams', answers: { 200: 'Team' } }), async (c) => {
    const actor = await actorOf(core, c)
    return c.json(await getTeam(core, actor, pathTeam(c)))
  })

  app.put(
    '/teams/:id',
    describe({
      summary: 'Change the settings of a team',
      more: 'What is left out stays as it is.',
      group: 'teams',
      body: updateBody,
      answers: { 200: 'Team' },
      refuses: ['bad_input'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body: change } = await readRequest(core, c, updateBody)
      const teamId = pathTeam(c)
      return c.json(await doOnce(c, actor, (once) => updateTeam(core, once, { teamId, change })))
    },
  )

  app.put(
    '/teams/:id/limits',
    describe({
      summary: 'Limit what a team spends and does in a month',
      more: 'What is left out stays as it is, null lifts a limit.',
      group: 'teams',
      body: limitsBody,
      answers: { 200: 'Team' },
      refuses: ['bad_input'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body: limits } = await readRequest(core, c, limitsBody)
      const teamId = pathTeam(c)
      return c.json(await doOnce(c, actor, (once) => setLimits(core, once, { teamId, limits })))
    },
  )

  app.post(
    '/teams/:id/transfer',
    describe({
      summary: 'Hand a team over to another member',
      group: 'teams',
      body: transferBody,
      answers: { 200: 'Team' },
      refuses: ['conflict', 'bad_input'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, transferBody)
      const teamId = pathTeam(c)
      return c.json(await doOnce(c, actor, (once) => transferOwnership(core, once, { teamId, ...body })))
    },
  )

  app.delete(
    '/teams/:id',
    describe({
      summary: 'Delete a team',
      more: 'Refused while there is money or debt in its wallet, or a run is live.',
      group: 'teams',
      answers: { 204: null },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const teamId = pathTeam(c)
      await doOnce(c, actor, (once) => deleteTeam(core, once, { teamId }))
      return c.body(null, 204)
    },
  )
  return app
}
