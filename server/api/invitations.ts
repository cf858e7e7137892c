import { Hono } from 'hono'
import { z } from 'zod'
import { acceptInvitation, declineInvitation } from '#core/teams/accept.ts'
import { findInvitation, inviteMember, listInvitations, revokeInvitation } from '#core/teams/invitations.ts'
import { actorOf } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readQuery } from '../read-body.ts'
import { pageOf, pageQuery } from './pages.ts'
import { doOnce } from './replay.ts'
import { pathId, pathTeam, readRequest } from './request.ts'
import { teamRole, text } from './schemas.ts'

/** `invitee`: an e-mail address, a handle or account id (then it is for that person alone), or any words. */
const inviteBody = z.strictObject({ role: teamRole.default('member'), invitee: text(1_000).exactOptional() })
const nothing = z.strictObject({})

/** Invitations to a team. What a code offers, anybody who has it may see; it is used by a POST only. */
export function invitationRoutes({ core, config }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()

  app.get(
    '/teams/invitations/:code',
    describe({
      summary: 'What an invitation offers',
      more: 'Whoever has the code may look; looking does not use it.',
      group: 'teams',
      asks: 'nobody',
      answers: { 200: 'InvitationOffered' },
    }),
    async (c) => c.json(await findInvitation(core, pathId(c, 'code', 'such invitation'))),
  )

  app.post(
    '/teams/invitations/:code/accept',
    describe({
      summary: 'Accept an invitation',
      group: 'teams',
      body: nothing,
      answers: { 200: 'Joined' },
      refuses: ['conflict', 'expired', 'limit_reached'],
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      const code = pathId(c, 'code', 'such invitation')
      return c.json(await doOnce(c, actor, (once) => acceptInvitation(core, once, { code })))
    },
  )

  app.post(
    '/teams/invitations/:code/decline',
    describe({
      summary: 'Decline an invitation',
      group: 'teams',
      body: nothing,
      answers: { 200: 'InvitationDeclined' },
      refuses: ['conflict', 'expired'],
      once: 'taken',
    }),
    async (c) => {
      const { actor } = await readRequest(core, c, nothing)
      const code = pathId(c, 'code', 'such invitation')
      return c.json(await doOnce(c, actor, (once) => declineInvitation(core, once, { code })))
    },
  )

  app.get(
    '/teams/:id/invitations',
    describe({
      summary: 'Open invitations to a team',
      group: 'teams',
      query: pageQuery,
      answers: { 200: { list: 'Invitation' } },
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const open = await listInvitations(core, actor, { teamId: pathTeam(c) })
      return c.json(pageOf(open, readQuery(c, pageQuery), ({ id }) => id))
    },
  )

  app.post(
    '/teams/:id/invitations',
    describe({
      summary: 'Invite somebody',
      more: '`invitee` is an e-mail address, a handle or an account id (then it is for that person alone), or any words.',
      group: 'teams',
      body: inviteBody,
      answers: { 201: 'InvitationMade' },
      refuses: ['conflict', 'bad_input'],
      once: 'taken',
    }),
    async (c) => {
      const { actor, body } = await readRequest(core, c, inviteBody)
      const teamId = pathTeam(c)
      const made = await doOnce(c, actor, (once) => inviteMember(core, once, { teamId, ...body }))
      return c.json({ ...made, url: `${config.publicUrl}/join/${made.code}` }, 201)
    },
  )

  app.delete(
    '/teams/:id/invitations/:invitationId',
    describe({
      summary: 'Take an invitation back',
      group: 'teams',
      answers: { 204: null },
      refuses: ['conflict'],
      once: 'taken',
    }),
    async (c) => {
      const actor = await actorOf(core, c)
      const invitation = { teamId: pathTeam(c), invitationId: pathId(c, 'invitationId', 'such invitation') }
      await doOnce(c, actor, (once) => revokeInvitation(core, once, invitation))
      return c.body(null, 204)
    },
  )
  return app
}
