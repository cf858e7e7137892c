import { Hono } from 'hono'
import { z } from 'zod'
import { removeMember } from '#core/teams/leave.ts'
import { addMember, listMembers } from '#core/teams/members.ts'
import { updateMember } from '#core/teams/update-member.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathAccount, pathTeam, readRequest } from './request.ts'
import { accountId, amountUsd, teamRole } from './schemas.ts'

const addBody = z.strictObject({ accountId, role: teamRole.default('member') })
const updateBody = z.strictObject({
  role: teamRole.exactOptional(),
  spendingCapUsd: amountUsd.nullable().exactOptional(),
  canInvite: z.boolean().exactOptional(),
})

/** Who is in a team. Taking oneself out is leaving it. */
export function memberRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/teams/:id/members',
    describe({ summary: 'Who is in a team', group: 'teams', query: pageQuery, answers: { 200: { list: 'Member' } } }),
    async (c) => {
      const actor = await actorOf(core, c)
      const members = await listMembers(core, actor, { teamId: pathTeam(c) })
      return c.json(pageOf(members, readQuery(c, pageQuery), (member) => member.accountId))
    },
  )

  app.post(
    '/teams/:id/members',
    describe({
      summary: 'Put somebody into a team',
      more: 'Who is in it already stays as they are.',
      group: 'teams',
      body: addBody,
      answers: { 201: 'Member' },
      refuses: ['limit_reached'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, addBody)
      const teamId = pathTeam(c)
      const member = await doOnce(c, actor, (once) => addMember(core, once, { teamId, ...body }))
      return c.json(member, 201, { Location: `/v1/teams/${teamId}/members/${member.accountId}` })
    },
  )

  app.put(
    '/teams/:id/members/:accountId',
    describe({
      summary: 'Change a member’s role, cap or right to invite',
      group: 'teams',
      body: updateBody,
      answers: { 200: 'Member' },
      refuses: ['bad_input'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body: change } = await readRequest(core, c, updateBody)
      const member = { teamId: pathTeam(c), accountId: pathAccount(c), change }
      return c.json(await doOnce(c, actor, (once) => updateMember(core, once, member)))
    },
  )

  app.delete(
    '/teams/:id/members/:accountId',
    describe({
      summary: 'Take somebody out of a team, or leave it',
      group: 'teams',
      answers: { 204: null },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const member = { teamId: pathTeam(c), accountId: pathAccount(c) }
      await doOnce(c, actor, (once) => removeMember(core, once, member))
      return c.body(null, 204)
    },
  )
  return app
}
