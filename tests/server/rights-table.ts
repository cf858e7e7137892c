import { addMember } from '#core/teams/members.ts'
import type { Request } from './api.ts'
import {
  AGENT,
  BUDGET,
  CONNECTION,
  ENDPOINT,
  fund,
  isAsking,
  JOB,
  newKey,
  PROVIDER,
  ROLES,
  type Role,
  RULE,
  type Scene,
  TRIGGER,
  withAgent,
  withBudget,
  withCode,
  withConnection,
  withDelivery,
  withEndpoint,
  withJob,
  withLease,
  withPlanned,
  withProvider,
  withRecommendation,
  withReview,
  withRule,
  withRun,
  withSchedule,
  withTask,
  withTrigger,
  withVariant,
} from './rights-scene.ts'

type Expected = Record<Role, number>

/** `least` and everybody above may; below is 403; who is not in the team learns nothing of it. */
const ranked = (least: 'viewer' | 'member' | 'admin' | 'owner', ok: number, reader: number): Expected => {
  const ranks = ['viewer', 'member', 'admin', 'owner'] as const
  const statuses = ranks.map((rank, index) => [rank, index >= ranks.indexOf(least) ? ok : 403])
  return {
    nobody: 401,
    expired: 401,
    stranger: 404,
    platform: 404,
    reader,
    ...Object.fromEntries(statuses),
  } as Expected
}
export const reads = (ok = 200): Expected => ranked('viewer', ok, ok)
const writes = (least: 'viewer' | 'member' | 'admin' | 'owner', ok = 200): Expected => ranked(least, ok, 403)
/** Everybody with an account; what changes something is not for keys that only read. */
export const anyone = (ok: number, reader = ok): Expected => {
  const everybody = Object.fromEntries(ROLES.map((role) => [role, ok])) as Expected
  return { ...everybody, nobody: 401, expired: 401, reader }
}

export interface Question {
  route: string
  /** Makes what the route needs, and says what is asked. */
  ask(scene: Scene, role: Role): Promise<Request & { path: string }> | (Request & { path: string })
  expected: Expected
}

export const question = (route: string, expected: Expected, ask: Question['ask']): Question => ({
  route,
  expected,
  ask,
})

const PREFERENCES: Question[] = [
  question('GET /v1/preferences', reads(), ({ inTeam }) => ({ path: '/v1/preferences', ...inTeam })),
  question('PUT /v1/preferences', writes('viewer'), ({ inTeam }) => ({
    path: '/v1/preferences',
    json: { displayName: 'Somebody' },
    ...inTeam,
  })),
]

const NOTIFICATIONS: Question[] = [
  question('GET /v1/notifications', anyone(200), () => ({ path: '/v1/notifications' })),
  question('POST /v1/notifications/read', anyone(200, 403), () => ({ path: '/v1/notifications/read' })),
  // One's own, and nobody else's: the member was told that they were put into the team.
  question('POST /v1/notifications/:id/read', { ...anyone(404, 403), member: 200 }, async ({ api, people }) => {
    const { body } = await api.call(people.member, 'GET', '/v1/notifications')
    return { path: `/v1/notifications/${body.items[0].id}/read` }
  }),
]

const TEAMS: Question[] = [
  question('POST /v1/teams', anyone(201, 403), () => ({ path: '/v1/teams', json: { name: 'Mine' } })),
  question('GET /v1/teams', anyone(200), () => ({ path: '/v1/teams' })),
  question(
    'GET /v1/users/:accountId/teams',
    { ...anyone(404), platform: 200, reader: 200, owner: 200 },
    ({ people }) => ({ path: `/v1/users/${people.owner.accountId}/teams` }),
  ),
  question('GET /v1/teams/:id', reads(), ({ teamId }) => ({ path: `/v1/teams/${teamId}` })),
  question('PUT /v1/teams/:id', writes('admin'), ({ teamId }) => ({
    path: `/v1/teams/${teamId}`,
    json: { name: 'Other' },
  })),
  question('PUT /v1/teams/:id/limits', writes('admin'), ({ teamId }) => ({
    path: `/v1/teams/${teamId}/limits`,
    json: { maxMembers: 50 },
  })),
  question('POST /v1/teams/:id/transfer', writes('owner'), ({ teamId, people }) => ({
    path: `/v1/teams/${teamId}/transfer`,
    json: { accountId: people.member.accountId },
  })),
  question('DELETE /v1/teams/:id', writes('owner', 204), ({ teamId }) => ({ path: `/v1/teams/${teamId}` })),
  question('GET /v1/teams/:id/members', reads(), ({ teamId }) => ({ path: `/v1/teams/${teamId}/members` })),
  question('POST /v1/teams/:id/members', writes('admin', 201), ({ teamId, spare }) => ({
    path: `/v1/teams/${teamId}/members`,
    json: { accountId: spare.accountId },
  })),
  question('PUT /v1/teams/:id/members/:accountId', writes('admin'), ({ teamId, people }) => ({
    path: `/v1/teams/${teamId}/members/${people.viewer.accountId}`,
    json: { role: 'member' },
  })),
  question('DELETE /v1/teams/:id/members/:accountId', writes('admin', 204), async ({ api, owner, teamId, spare }) => {
    await addMember(api.core, owner, { teamId, accountId: spare.accountId, role: 'viewer' })
    return { path: `/v1/teams/${teamId}/members/${spare.accountId}` }
  }),
  question('GET /v1/teams/:id/invitations', ranked('admin', 200, 200), ({ teamId }) => ({
    path: `/v1/teams/${teamId}/invitations`,
  })),
  question('POST /v1/teams/:id/invitations', writes('admin', 201), ({ teamId }) => ({
    path: `/v1/teams/${teamId}/invitations`,
    json: {},
  })),
  question('DELETE /v1/teams/:id/invitations/:invitationId', writes('admin', 204), async (scene) => ({
    path: `/v1/teams/${scene.teamId}/invitations/${(await withCode(scene)).id}`,
  })),
  question('GET /v1/teams/invitations/:code', { ...anyone(200), nobody: 200 }, async (scene) => ({
    path: `/v1/teams/invitations/${(await withCode(scene)).code}`,
  })),
  question(
    'POST /v1/teams/invitations/:code/accept',
    { ...anyone(409, 403), stranger: 200, platform: 200 },
    async (scene) => ({ path: `/v1/teams/invitations/${(await withCode(scene)).code}/accept` }),
  ),
  question('POST /v1/teams/invitations/:code/decline', anyone(200, 403), async (scene) => ({
    path: `/v1/teams/invitations/${(await withCode(scene)).code}/decline`,
  })),
]

const MONEY: Question[] = [
  question('GET /v1/wallet', reads(), ({ inTeam }) => ({ path: '/v1/wallet', ...inTeam })),
  question('GET /v1/wallet/entries', reads(), ({ inTeam }) => ({ path: '/v1/wallet/entries', ...inTeam })),
  question('GET /v1/usage', reads(), ({ inTeam }) => ({ path: '/v1/usage', ...inTeam })),
  question('GET /v1/teams/:id/wallet', reads(), ({ teamId }) => ({ path: `/v1/teams/${teamId}/wallet` })),
  question('GET /v1/teams/:id/wallet/entries', reads(), ({ teamId }) => ({
    path: `/v1/teams/${teamId}/wallet/entries?format=csv`,
  })),
  question('POST /v1/teams/:id/economy/credit', { ...writes('member'), platform: 200 }, (scene) => ({
    path: `/v1/teams/${scene.teamId}/economy/credit`,
    json: { amountUsd: '0.000001', reason: 'matrix' },
    once: newKey(scene),
  })),
  question('POST /v1/teams/:id/economy/repay', writes('member'), (scene) => ({
    path: `/v1/teams/${scene.teamId}/economy/repay`,
    json: { amountUsd: '0.000001' },
    once: newKey(scene),
  })),
  question('PUT /v1/teams/:id/economy/line-of-credit', { ...writes('owner', 403), platform: 200 }, ({ teamId }) => ({
    path: `/v1/teams/${teamId}/economy/line-of-credit`,
    json: { limitUsd: '1', enabled: true },
  })),
  question('POST /v1/users/:accountId/economy/credit', { ...anyone(404, 403), owner: 403, platform: 200 }, (scene) => ({
    path: `/v1/users/${scene.people.owner.accountId}/economy/credit`,
    json: { amountUsd: '0.01', reason: 'matrix' },
    once: newKey(scene),
  })),
  question('POST /v1/users/:accountId/economy/debit', { ...anyone(404, 403), owner: 200, platform: 200 }, (scene) => ({
    path: `/v1/users/${scene.people.owner.accountId}/economy/debit`,
    json: { amountUsd: '0.000001', description: 'matrix' },
    once: newKey(scene),
  })),
  question('POST /v1/wallet/transfers', writes('member'), (scene, role) => ({
    path: '/v1/wallet/transfers',
    json: {
      from: { type: 'user', id: scene.people[isAsking(role) ? role : 'owner'].accountId },
      to: { type: 'team', id: scene.teamId },
      amountUsd: '0.000001',
    },
    once: newKey(scene),
  })),
]

const asked = async ({ api, people, inTeam }: Scene): Promise<string> => {
  const json = { amountUsd: '0.01', limit: 'available' }
  return (await api.call(people.member, 'POST', '/v1/budget-requests', { json, ...inTeam })).body.id
}

const BUDGETS: Question[] = [
  question('GET /v1/budget-requests', reads(), ({ inTeam }) => ({ path: '/v1/budget-requests', ...inTeam })),
  question('POST /v1/budget-requests', writes('member', 201), ({ inTeam }) => ({
    path: '/v1/budget-requests',
    json: { amountUsd: '1', limit: 'available' },
    ...inTeam,
  })),
  // Who asked may look, and those who decide: about money also platform admins.
  question(
    'GET /v1/budget-requests/:id',
    { ...ranked('member', 200, 200), viewer: 404, platform: 200 },
    async (scene) => ({ path: `/v1/budget-requests/${await asked(scene)}` }),
  ),
  question('POST /v1/budget-requests/:id/grant', { ...writes('admin'), platform: 200 }, async (scene) => ({
    path: `/v1/budget-requests/${await asked(scene)}/grant`,
    json: {},
    once: newKey(scene),
  })),
  question('POST /v1/budget-requests/:id/decline', { ...writes('admin'), platform: 200 }, async (scene) => ({
    path: `/v1/budget-requests/${await asked(scene)}/decline`,
  })),
]

const job = (scene: Scene, rest = '', more: Request = {}) => ({ path: `/v1/jobs${rest}`, ...scene.inTeam, ...more })

const JOBS: Question[] = [
  question('GET /v1/tools', anyone(200), () => ({ path: '/v1/tools' })),
  question('GET /v1/tools/:id', anyone(200), () => ({ path: '/v1/tools/wait' })),
  question('POST /v1/tools/:id/run', writes('member', 202), async (scene) => {
    await fund(scene)
    return { path: '/v1/tools/wait/run', json: { inputs: { ms: 1 } }, ...scene.inTeam }
  }),
  question('POST /v1/tools/:id/quote', reads(), ({ inTeam }) => ({
    path: '/v1/tools/wait/quote',
    json: {},
    ...inTeam,
  })),
  question('GET /v1/endpoints', reads(), ({ inTeam }) => ({ path: '/v1/endpoints', ...inTeam })),
  question('POST /v1/endpoints', writes('admin', 201), ({ inTeam }) => ({
    path: '/v1/endpoints',
    json: ENDPOINT,
    ...inTeam,
  })),
  question('GET /v1/endpoints/:id', reads(), async (scene) => ({
    path: `/v1/endpoints/${await withEndpoint(scene)}`,
    ...scene.inTeam,
  })),
  question('PUT /v1/endpoints/:id', writes('admin'), async (scene) => ({
    path: `/v1/endpoints/${await withEndpoint(scene)}`,
    json: ENDPOINT,
    ...scene.inTeam,
  })),
  question('DELETE /v1/endpoints/:id', writes('admin', 204), async (scene) => ({
    path: `/v1/endpoints/${await withEndpoint(scene)}`,
    ...scene.inTeam,
  })),
  question('GET /v1/connections', reads(), ({ inTeam }) => ({ path: '/v1/connections', ...inTeam })),
  question('POST /v1/connections', writes('admin', 201), ({ inTeam }) => ({
    path: '/v1/connections',
    json: CONNECTION,
    ...inTeam,
  })),
  question('GET /v1/connections/:id', reads(), async (scene) => ({
    path: `/v1/connections/${await withConnection(scene)}`,
    ...scene.inTeam,
  })),
  question('POST /v1/connections/:id/test', writes('admin'), async (scene) => ({
    path: `/v1/connections/${await withConnection(scene)}/test`,
    json: {},
    ...scene.inTeam,
  })),
  question('POST /v1/connections/:id/rotate', writes('admin'), async (scene) => ({
    path: `/v1/connections/${await withConnection(scene)}/rotate`,
    json: { secret: 'another secret of the crm' },
    ...scene.inTeam,
  })),
  question('DELETE /v1/connections/:id', writes('admin', 204), async (scene) => ({
    path: `/v1/connections/${await withConnection(scene)}`,
    ...scene.inTeam,
  })),
  question('GET /v1/policies', reads(), ({ inTeam }) => ({ path: '/v1/policies', ...inTeam })),
  question('PUT /v1/policies', writes('admin'), async ({ api, people, inTeam }) => {
    const { version } = (await api.call(people.owner, 'GET', '/v1/policies', inTeam)).body.own
    return { path: '/v1/policies', json: { document: {}, version }, ...inTeam }
  }),
  question('GET /v1/policies/explain', reads(), ({ inTeam }) => ({
    path: '/v1/policies/explain?job=hello',
    ...inTeam,
  })),
  question('GET /v1/budgets', reads(), ({ inTeam }) => ({ path: '/v1/budgets', ...inTeam })),
  question('POST /v1/budgets', writes('admin', 201), ({ api, inTeam }) => ({
    path: '/v1/budgets',
    json: { ...BUDGET, of: `job:${api.core.ids.newSecret()}` },
    ...inTeam,
  })),
  question('GET /v1/budgets/:id', reads(), async (scene) => ({
    path: `/v1/budgets/${await withBudget(scene)}`,
    ...scene.inTeam,
  })),
  question('PATCH /v1/budgets/:id', writes('admin'), async (scene) => ({
    path: `/v1/budgets/${await withBudget(scene)}`,
    json: { limitUsd: '6' },
    ...scene.inTeam,
  })),
  question('DELETE /v1/budgets/:id', writes('admin', 204), async (scene) => ({
    path: `/v1/budgets/${await withBudget(scene)}`,
    ...scene.inTeam,
  })),
  question('GET /v1/providers', reads(), ({ inTeam }) => ({ path: '/v1/providers', ...inTeam })),
  question('POST /v1/providers', writes('admin', 201), ({ inTeam }) => ({
    path: '/v1/providers',
    json: PROVIDER,
    ...inTeam,
  })),
  question('GET /v1/providers/:id', reads(), ({ inTeam }) => ({ path: '/v1/providers/replicate', ...inTeam })),
  question('PUT /v1/providers/:id', writes('admin'), async (scene) => ({
    path: `/v1/providers/${await withProvider(scene)}`,
    json: PROVIDER,
    ...scene.inTeam,
  })),
  question('DELETE /v1/providers/:id', writes('admin', 204), async (scene) => ({
    path: `/v1/providers/${await withProvider(scene)}`,
    ...scene.inTeam,
  })),
  question('GET /v1/signing-secret', writes('admin'), ({ inTeam }) => ({ path: '/v1/signing-secret', ...inTeam })),
  question('POST /v1/signing-secret/rotate', writes('admin'), ({ inTeam }) => ({
    path: '/v1/signing-secret/rotate',
    json: {},
    ...inTeam,
  })),
  question('GET /v1/jobs', reads(), (scene) => job(scene)),
  question('POST /v1/jobs', writes('admin', 201), (scene) => job(scene, '', { json: JOB })),
  question('POST /v1/jobs/validate', reads(), (scene) => job(scene, '/validate', { json: JOB })),
  question('GET /v1/jobs/:jobId', reads(), async (scene) => {
    await withJob(scene)
    return job(scene, '/hello')
  }),
  question('PUT /v1/jobs/:jobId', writes('admin'), async (scene) => {
    await withJob(scene)
    return job(scene, '/hello', { json: { ...JOB, description: 'New.' } })
  }),
  question('DELETE /v1/jobs/:jobId', writes('admin', 204), async (scene) => {
    await withJob(scene)
    return job(scene, '/hello')
  }),
  question('POST /v1/jobs/:jobId/publish', writes('admin'), async (scene) => {
    await withJob(scene, false)
    return job(scene, '/hello/publish')
  }),
  question('POST /v1/jobs/:jobId/unpublish', writes('admin'), async (scene) => {
    await withJob(scene)
    return job(scene, '/hello/unpublish')
  }),
  question('POST /v1/jobs/:jobId/copy', writes('admin', 201), (scene) => job(scene, '/data-query/copy')),
  question('GET /v1/jobs/:jobId/versions', reads(), async (scene) => {
    await withJob(scene)
    return job(scene, '/hello/versions')
  }),
  question('GET /v1/jobs/:jobId/versions/:version', reads(), async (scene) => {
    await withJob(scene)
    return job(scene, '/hello/versions/1')
  }),
  question('GET /v1/jobs/:jobId/diff', reads(), async (scene) => {
    await withJob(scene)
    return job(scene, '/hello/diff?from=1&to=1')
  }),
  question('POST /v1/jobs/:jobId/versions/:version/restore', writes('admin'), async (scene) => {
    await withJob(scene)
    return job(scene, '/hello/versions/1/restore')
  }),
  question('POST /v1/jobs/:jobId/run', writes('member', 202), async (scene) => {
    await withJob(scene)
    await fund(scene)
    return job(scene, '/hello/run', { json: {} })
  }),
  question('POST /v1/jobs/:jobId/quote', reads(), async (scene) => {
    await withJob(scene)
    return job(scene, '/hello/quote', { json: {} })
  }),
]

const RUNS: Question[] = [
  question('GET /v1/runs', reads(), ({ inTeam }) => ({ path: '/v1/runs', ...inTeam })),
  question('GET /v1/teams/:id/runs', reads(), ({ teamId }) => ({ path: `/v1/teams/${teamId}/runs` })),
  question(
    'GET /v1/users/:accountId/runs',
    { ...anyone(404), platform: 200, reader: 200, owner: 200 },
    ({ people }) => ({ path: `/v1/users/${people.owner.accountId}/runs` }),
  ),
  question('GET /v1/runs/:id', reads(), async (scene) => ({ path: `/v1/runs/${await withRun(scene)}` })),
  question('GET /v1/runs/:id/events', reads(), async (scene) => ({ path: `/v1/runs/${await withRun(scene)}/events` })),
  question('POST /v1/runs/:id/cancel', writes('member', 202), async (scene) => ({
    path: `/v1/runs/${await withRun(scene)}/cancel`,
  })),
  // It goes on: who may ask is told so.
  question('POST /v1/runs/:id/retry', writes('member', 409), async (scene) => ({
    path: `/v1/runs/${await withRun(scene)}/retry`,
  })),
  // The answer is one for each run; see the test of what is in it.
  question('POST /v1/runs/batch', anyone(200, 403), async (scene) => ({
    path: '/v1/runs/batch',
    json: { action: 'cancel', ids: [await withRun(scene)] },
  })),
]

const variant = async (scene: Scene, rest = '', more: Request = {}) => ({
  path: `/v1/variants/${await withVariant(scene)}${rest}`,
  ...more,
})

const VARIANTS: Question[] = [
  question('GET /v1/variants/:id', reads(), (scene) => variant(scene)),
  // Without If-Match: who may edit is told what is missing.
  question('PUT /v1/variants/:id', writes('member', 428), (scene) => variant(scene, '', { json: { outputs: {} } })),
  question('POST /v1/variants/:id/accept', writes('member'), (scene) => variant(scene, '/accept')),
  question('POST /v1/variants/:id/export', writes('viewer', 201), (scene) =>
    variant(scene, '/export', { json: { format: 'json' } }),
  ),
]

const REVIEWS: Question[] = [
  question('GET /v1/reviews', reads(), ({ inTeam }) => ({ path: '/v1/reviews', ...inTeam })),
  question('GET /v1/reviews/:id', reads(), async (scene) => ({ path: `/v1/reviews/${(await withReview(scene)).id}` })),
  question('POST /v1/reviews/:id/decision', writes('member'), async (scene) => {
    const { id, payloadHash } = await withReview(scene)
    return { path: `/v1/reviews/${id}/decision`, json: { decision: 'approve', payloadHash } }
  }),
]

const schedule = async (scene: Scene, rest = '') => ({ path: `/v1/schedules/${await withSchedule(scene)}${rest}` })

const SCHEDULES: Question[] = [
  question('GET /v1/schedules', reads(), ({ inTeam }) => ({ path: '/v1/schedules', ...inTeam })),
  question('POST /v1/schedules', writes('admin', 201), async (scene) => {
    await withJob(scene)
    return { path: '/v1/schedules', json: { jobId: 'hello', kind: 'interval', everyMs: 3_600_000 }, ...scene.inTeam }
  }),
  question('GET /v1/schedules/:id', reads(), (scene) => schedule(scene)),
  question('DELETE /v1/schedules/:id', writes('admin', 204), (scene) => schedule(scene)),
  question('POST /v1/schedules/:id/pause', writes('admin'), (scene) => schedule(scene, '/pause')),
  question('POST /v1/schedules/:id/resume', writes('admin'), (scene) => schedule(scene, '/resume')),
  question('POST /v1/schedules/:id/run-now', writes('admin', 202), async (scene) => {
    await fund(scene)
    return schedule(scene, '/run-now')
  }),
  question('POST /v1/schedules/:id/hints', writes('admin'), async (scene) => ({
    path: `/v1/schedules/${await withPlanned(scene)}/hints`,
    json: { note: 'The picnic is on Sunday' },
  })),
  question('POST /v1/schedules/:id/sources', writes('admin'), async (scene) => ({
    path: `/v1/schedules/${await withPlanned(scene)}/sources`,
    json: { name: 'job:hello', to: 'off' },
  })),
  question('POST /v1/schedules/:id/actions', writes('admin', 200), async (scene) => {
    const { scheduleId, actionId } = await withRecommendation(scene)
    return { path: `/v1/schedules/${scheduleId}/actions`, json: { actionId, decision: 'no' } }
  }),
  question('GET /v1/schedules/:id/fires', reads(), (scene) => schedule(scene, '/fires')),
  question('GET /v1/schedules/:id/explain', reads(), (scene) => schedule(scene, '/explain')),
]

const trigger = async (scene: Scene, rest = '', json?: object) => ({
  path: `/v1/triggers/${await withTrigger(scene)}${rest}`,
  ...(json ? { json } : {}),
})
const delivery = async (scene: Scene, rest = '') => {
  const id = await withTrigger(scene)
  return { path: `/v1/triggers/${id}/deliveries/${await withDelivery(scene, id)}${rest}` }
}

const TRIGGERS: Question[] = [
  question('GET /v1/triggers', reads(), ({ inTeam }) => ({ path: '/v1/triggers', ...inTeam })),
  question('POST /v1/triggers', writes('admin', 201), async (scene) => {
    await withJob(scene)
    return { path: '/v1/triggers', json: TRIGGER, ...scene.inTeam }
  }),
  question('POST /v1/triggers/preview', writes('admin'), async (scene) => {
    await withJob(scene)
    return { path: '/v1/triggers/preview', json: { jobId: 'hello' }, ...scene.inTeam }
  }),
  question('GET /v1/triggers/:id', reads(), (scene) => trigger(scene)),
  question('PUT /v1/triggers/:id', writes('admin'), (scene) => trigger(scene, '', { name: 'Other' })),
  question('DELETE /v1/triggers/:id', writes('admin', 204), (scene) => trigger(scene)),
  question('POST /v1/triggers/:id/pause', writes('admin'), (scene) => trigger(scene, '/pause')),
  question('POST /v1/triggers/:id/resume', writes('admin'), (scene) => trigger(scene, '/resume')),
  question('POST /v1/triggers/:id/rotate', writes('admin'), (scene) => trigger(scene, '/rotate')),
  question('POST /v1/triggers/:id/test', writes('admin', 202), (scene) => trigger(scene, '/test', { run: true })),
  question('GET /v1/triggers/:id/deliveries', reads(), (scene) => trigger(scene, '/deliveries')),
  question('GET /v1/triggers/:id/deliveries/:deliveryId', reads(), (scene) => delivery(scene)),
  question('POST /v1/triggers/:id/deliveries/:deliveryId/replay', writes('admin', 202), (scene) =>
    delivery(scene, '/replay'),
  ),
]

const rule = async (scene: Scene, rest = '', json?: object) => ({
  path: `/v1/rules/${await withRule(scene)}${rest}`,
  ...(json ? { json } : {}),
})

const RULES: Question[] = [
  question('GET /v1/rules', reads(), ({ inTeam }) => ({ path: '/v1/rules', ...inTeam })),
  question('POST /v1/rules', writes('admin', 201), ({ inTeam }) => ({ path: '/v1/rules', json: RULE, ...inTeam })),
  question('GET /v1/rules/:id', reads(), (scene) => rule(scene)),
  question('PUT /v1/rules/:id', writes('admin'), (scene) => rule(scene, '', RULE)),
  question('DELETE /v1/rules/:id', writes('admin', 204), (scene) => rule(scene)),
  question('POST /v1/rules/:id/pause', writes('admin'), (scene) => rule(scene, '/pause')),
  question('POST /v1/rules/:id/resume', writes('admin'), (scene) => rule(scene, '/resume')),
  question('GET /v1/rules/:id/fires', reads(), (scene) => rule(scene, '/fires')),
  // Said later it is a rule, and whoever may make those may.
  question('POST /v1/commands', writes('admin', 201), ({ inTeam }) => ({
    path: '/v1/commands',
    json: { text: '/whoami', at: 'tomorrow 9am' },
    ...inTeam,
  })),
]

const FIRST_VERSION = { headers: { 'If-Match': '*' } }

/** The same tasks under two names. */
const tasksUnder = (base: string): Question[] => {
  const task = async (scene: Scene, rest = '', more: Request = {}) => ({
    path: `${base}/${await withTask(scene)}${rest}`,
    ...more,
  })
  return [
    question(`GET ${base}`, reads(), ({ inTeam }) => ({ path: base, ...inTeam })),
    question(`POST ${base}`, writes('member', 201), ({ inTeam }) => ({ path: base, json: { title: 'x' }, ...inTeam })),
    question(`POST ${base}/claim`, writes('member'), async (scene) => {
      await withTask(scene)
      return { path: `${base}/claim`, ...scene.inTeam }
    }),
    // The answer is one for each task; see the test of what is in it.
    question(`POST ${base}/batch`, anyone(200, 403), async (scene) => ({
      path: `${base}/batch`,
      json: { action: 'transition', ids: [await withTask(scene)], to: 'claimed' },
    })),
    question(`GET ${base}/:id`, reads(), (scene) => task(scene)),
    question(`PATCH ${base}/:id`, writes('member'), (scene) =>
      task(scene, '', { json: { title: 'Other' }, ...FIRST_VERSION }),
    ),
    question(`POST ${base}/:id/transition`, writes('member'), (scene) =>
      task(scene, '/transition', { json: { to: 'claimed' } }),
    ),
    question(`POST ${base}/:id/claim`, writes('member'), (scene) => task(scene, '/claim')),
    // Which item, only who may see the task is told.
    question(`POST ${base}/:id/check`, { ...writes('member', 404) }, (scene) =>
      task(scene, '/check', { json: { itemId: 'a1' } }),
    ),
    question(`GET ${base}/:id/logs`, reads(), (scene) => task(scene, '/logs')),
    question(`POST ${base}/:id/logs`, writes('member', 201), (scene) => task(scene, '/logs', { json: { text: 'x' } })),
  ]
}

const templatesUnder = (base: string): Question[] => {
  const template = async ({ api, people, inTeam }: Scene): Promise<string> => {
    const path = `${base}/templates/release`
    await api.call(people.owner, 'PUT', path, { json: { title: 'Release' }, ...inTeam })
    return path
  }
  return [
    question(`POST ${base}/:id/validate`, writes('member'), async (scene) => ({
      path: `${base}/${await withTask(scene)}/validate`,
      json: { checks: [] },
    })),
    // There is nobody to give it to.
    question(`POST ${base}/:id/match`, writes('member', 409), async (scene) => ({
      path: `${base}/${await withTask(scene)}/match`,
    })),
    question(`GET ${base}/metrics`, reads(), ({ inTeam }) => ({ path: `${base}/metrics`, ...inTeam })),
    question(`GET ${base}/templates`, reads(), ({ inTeam }) => ({ path: `${base}/templates`, ...inTeam })),
    question(`PUT ${base}/templates/:name`, writes('admin'), ({ inTeam }) => ({
      path: `${base}/templates/release`,
      json: { title: 'Release' },
      ...inTeam,
    })),
    question(`DELETE ${base}/templates/:name`, writes('admin', 204), async (scene) => ({
      path: await template(scene),
      ...scene.inTeam,
    })),
    question(`POST ${base}/templates/:name/tasks`, writes('member', 201), async (scene) => ({
      path: `${await template(scene)}/tasks`,
      ...scene.inTeam,
    })),
  ]
}

const overruled = async (scene: Scene, what: string, json: object = {}) => ({
  path: `/v1/admin/tasks/${await withTask(scene, { assignee: scene.people.owner.accountId })}/${what}`,
  json: { reason: 'matrix', ...json },
})

/** Under a lease that whoever asks does not have: who may work there is told that they are late. */
const executing = async (scene: Scene, rest: string, json: object = {}) => ({
  path: `/v1/collab/executor/${await withTask(scene)}/${rest}`,
  json: { leaseId: 'lse_x', epoch: 1, ...json },
})

const agent = async (scene: Scene, rest = '', more: Request = {}) => ({
  path: `/v1/agents/${await withAgent(scene)}${rest}`,
  ...scene.inTeam,
  ...more,
})

const AGENTS: Question[] = [
  question('GET /v1/agents', reads(), ({ inTeam }) => ({ path: '/v1/agents', ...inTeam })),
  question('POST /v1/agents', writes('admin', 201), ({ inTeam }) => ({ path: '/v1/agents', json: AGENT, ...inTeam })),
  question('GET /v1/agents/:id', reads(), (scene) => agent(scene)),
  question('GET /v1/agents/:id/metrics', reads(), (scene) => agent(scene, '/metrics')),
  question('PATCH /v1/agents/:id', writes('admin'), (scene) =>
    agent(scene, '', { json: { name: 'Sue' }, ...FIRST_VERSION }),
  ),
  question('POST /v1/agents/:id/pause', writes('admin'), (scene) => agent(scene, '/pause')),
  question('POST /v1/agents/:id/resume', writes('admin'), (scene) => agent(scene, '/resume')),
  question('POST /v1/agents/:id/retire', writes('admin'), (scene) => agent(scene, '/retire')),
]

const BOARD: Question[] = [
  ...AGENTS,
  ...tasksUnder('/v1/tasks'),
  ...tasksUnder('/v1/collab/tasks'),
  ...templatesUnder('/v1/tasks'),
  ...templatesUnder('/v1/collab/tasks'),
  // One that is queued already: who may overrule is told so.
  question('POST /v1/admin/tasks/:id/resubmit', { ...writes('admin', 409), platform: 409 }, (scene) =>
    overruled(scene, 'resubmit'),
  ),
  question('POST /v1/admin/tasks/:id/complete', { ...writes('admin'), platform: 200 }, (scene) =>
    overruled(scene, 'complete'),
  ),
  question('POST /v1/admin/tasks/:id/reassign', { ...writes('admin'), platform: 200 }, (scene) =>
    overruled(scene, 'reassign', { assignee: null }),
  ),
  question('GET /v1/collab/state/:kind', reads(), ({ inTeam }) => ({ path: '/v1/collab/state/tasks', ...inTeam })),
  question('GET /v1/collab/leases', reads(), ({ inTeam }) => ({ path: '/v1/collab/leases', ...inTeam })),
  question('POST /v1/collab/leases/acquire', writes('member'), ({ inTeam }) => ({
    path: '/v1/collab/leases/acquire',
    json: { resource: 'door' },
    ...inTeam,
  })),
  // It is its holder's: others who work there are late.
  question('POST /v1/collab/leases/:id/heartbeat', { ...writes('member', 409), owner: 200 }, async (scene) => ({
    path: `/v1/collab/leases/${await withLease(scene)}/heartbeat`,
    json: { epoch: 1 },
  })),
  question('POST /v1/collab/leases/:id/release', { ...writes('member', 409), owner: 200 }, async (scene) => ({
    path: `/v1/collab/leases/${await withLease(scene)}/release`,
    json: { epoch: 1 },
  })),
  question('POST /v1/collab/executor/take', writes('member', 204), ({ inTeam }) => ({
    path: '/v1/collab/executor/take',
    json: {},
    ...inTeam,
  })),
  question('POST /v1/collab/executor/:id/start', writes('member', 409), (scene) => executing(scene, 'start')),
  question('POST /v1/collab/executor/:id/result', writes('member', 409), (scene) =>
    executing(scene, 'result', { result: {} }),
  ),
  question('POST /v1/collab/executor/:id/failure', writes('member', 409), (scene) =>
    executing(scene, 'failure', { error: { code: 'x', message: 'x' }, isFinal: true }),
  ),
  question('POST /v1/collab/events', writes('member', 201), ({ inTeam }) => ({
    path: '/v1/collab/events',
    json: { type: 'matrix.asked', subject: 'x' },
    ...inTeam,
  })),
  question('GET /v1/collab/events', reads(), ({ inTeam }) => ({ path: '/v1/collab/events', ...inTeam })),
  question('GET /v1/collab/events/log', reads(), ({ inTeam }) => ({ path: '/v1/collab/events/log', ...inTeam })),
  question('GET /v1/collab/events/tail', reads(), ({ inTeam }) => ({
    path: '/v1/collab/events/tail?mode=poll&timeout=0',
    ...inTeam,
  })),
]

const platformOnly = (path: string) => question(`GET ${path}`, { ...anyone(403), platform: 200 }, () => ({ path }))

const ADMIN: Question[] = [
  question('GET /v1/prices', anyone(200), () => ({ path: '/v1/prices' })),
  question('PUT /v1/prices', { ...anyone(403), platform: 200 }, () => ({
    path: '/v1/prices',
    json: { provider: 'openai', model: 'gpt-matrix', inputUsd: '1.00', outputUsd: '2.00' },
  })),
  platformOnly('/v1/admin/runs'),
  platformOnly('/v1/admin/metrics'),
  platformOnly('/v1/admin/audit'),
  platformOnly('/v1/admin/audit/export'),
]

export const TEAM_QUESTIONS: readonly Question[] = [
  ...PREFERENCES,
  ...NOTIFICATIONS,
  ...TEAMS,
  ...MONEY,
  ...BUDGETS,
  ...JOBS,
  ...RUNS,
  ...VARIANTS,
  ...REVIEWS,
  ...SCHEDULES,
  ...TRIGGERS,
  ...RULES,
  ...BOARD,
  ...ADMIN,
]
