import type { Actor } from '#core/actor.ts'
import { contextKey, teamContext } from '#core/context.ts'
import { saveJob } from '#core/jobs/save.ts'
import { findReviews } from '#core/reviews/read.ts'
import type { ReviewView } from '#core/reviews/view.ts'
import { getRun } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import { createSchedule } from '#core/schedules/create.ts'
import { createTeam } from '#core/teams/create.ts'
import { inviteMember } from '#core/teams/invitations.ts'
import { addMember } from '#core/teams/members.ts'
import { insertPlanAction } from '#db/plans.ts'
import { eventually } from '#tests/support/eventually.ts'
import type { Api, Person, Request } from './api.ts'

/** Who asks: by their role in the team that the route is about. */
/** Whose key is of no use any more is nobody, and is told so also where nobody needs to be known. */
export const ROLES = [
  'nobody',
  'expired',
  'stranger',
  'platform',
  'reader',
  'viewer',
  'member',
  'admin',
  'owner',
] as const
export type Role = (typeof ROLES)[number]
/** Those who ask with a key of their own. */
export type Asking = Exclude<Role, 'nobody' | 'expired' | 'reader'>

export const isAsking = (role: Role): role is Asking => !['nobody', 'expired', 'reader'].includes(role)

/** A team of its own for each question, with somebody in each role. */
export interface Scene {
  api: Api
  teamId: string
  people: Record<Asking, Person>
  spare: Person
  owner: Actor
  inTeam: Request
}

export async function createScene(api: Api, people: Scene['people'], spare: Person): Promise<Scene> {
  const { core } = api
  const owner: Actor = {
    accountId: people.owner.accountId,
    handle: people.owner.handle,
    platformRole: 'user',
    channel: 'api',
    context: { type: 'user', id: people.owner.accountId },
  }
  const { id: teamId } = await createTeam(core, owner, { name: 'Scene' })
  for (const role of ['admin', 'member', 'viewer'] as const) {
    await addMember(core, owner, { teamId, accountId: people[role].accountId, role })
  }
  const inTeam = { context: `team/${teamId}` }
  return { api, teamId, people, spare, owner: { ...owner, context: teamContext(teamId) }, inTeam }
}

export const JOB = {
  jobId: 'hello',
  displayName: 'Hello',
  description: 'Greets.',
  inputSchema: { type: 'object', properties: {} },
  steps: [{ stepId: 'say', toolId: 'text.template', inputMappings: { template: { value: 'x' }, data: { value: {} } } }],
  outputs: { text: { step: 'say', output: 'text' } },
}

export const ENDPOINT = { name: 'crm', method: 'POST', url: 'https://crm.example/leads' }
export const CONNECTION = { name: 'crm', provider: 'http', secret: 'a secret of the crm', baseUrl: 'https://127.0.0.1' }
export const BUDGET = { of: 'job:hello', period: 'day', limitUsd: '5' }
export const PROVIDER = {
  name: 'studio',
  submit: { url: 'https://studio.example/jobs', body: { callback: '{{ callbackUrl }}' } },
  statusPath: 'status',
  successValues: ['done'],
  resultPath: 'output',
  deadlineMs: 60_000,
  price: '0.01',
}
async function stored({ api, people, inTeam }: Scene, path: string, json: object): Promise<string> {
  const { body } = await api.call(people.owner, 'POST', path, { json, ...inTeam })
  if (!body.id) throw new Error(`POST ${path} in the scene: ${JSON.stringify(body)}`)
  return body.id
}
/** One more beside those that the scene has already. */
const another = <T extends { name: string }>({ api }: Scene, thing: T): T => ({
  ...thing,
  name: `${thing.name}-${api.core.ids.newSecret().replaceAll(/\W|_/g, '').slice(0, 8).toLowerCase()}`,
})
/** On the team's board, made by its owner. */
export const withTask = (scene: Scene, more: object = {}): Promise<string> =>
  stored(scene, '/v1/tasks', { title: 'Fix the door', ...more })
export const withLease = async ({ api, people, inTeam }: Scene, who: Person = people.owner): Promise<string> => {
  const json = { resource: `door ${api.core.ids.newSecret()}` }
  return (await api.call(who, 'POST', '/v1/collab/leases/acquire', { json, ...inTeam })).body.leaseId
}
export const withEndpoint = (scene: Scene): Promise<string> => stored(scene, '/v1/endpoints', another(scene, ENDPOINT))
export const withConnection = (scene: Scene): Promise<string> =>
  stored(scene, '/v1/connections', another(scene, CONNECTION))
export const withBudget = (scene: Scene): Promise<string> =>
  stored(scene, '/v1/budgets', { ...BUDGET, of: `job:${scene.api.core.ids.newSecret()}` })
export const withProvider = (scene: Scene): Promise<string> => stored(scene, '/v1/providers', another(scene, PROVIDER))

export const withJob = async ({ api, owner }: Scene, publish = true): Promise<void> => {
  await saveJob(api.core, owner, { source: JOB, publish })
}
export const withCode = async ({ api, owner, teamId }: Scene) => inviteMember(api.core, owner, { teamId })
export const fund = async ({ api, people, teamId }: Scene): Promise<void> => {
  const json = { amountUsd: '0.10', reason: 'scene' }
  const path = `/v1/teams/${teamId}/economy/credit`
  await api.call(people.platform, 'POST', path, { json, once: api.core.ids.newSecret() })
}
/** One that waits, so that it can be stopped. */
export const withRun = async (scene: Scene): Promise<string> => {
  await fund(scene)
  const request = { target: { tool: 'wait' }, inputs: { ms: 600_000 } }
  return (await submitRun(scene.api.core, scene.owner, request)).runId
}
/** What one that has ended well has brought. */
export const withVariant = async (scene: Scene): Promise<string> => {
  await fund(scene)
  const { core } = scene.api
  const request = { target: { tool: 'text.template' }, inputs: { template: 'x', data: {} } }
  const { runId } = await submitRun(core, scene.owner, request)
  return eventually(async () => {
    const [id] = (await getRun(core, scene.owner, runId)).variants
    if (!id) throw new Error('Still running')
    return id
  })
}
/** One that waits for whoever may decide in the team. */
export const withReview = async (scene: Scene): Promise<ReviewView> => {
  await fund(scene)
  const { core } = scene.api
  const source = { ...JOB, jobId: 'asked', review: { kind: 'decide' } }
  await saveJob(core, scene.owner, { source, publish: true })
  const { runId } = await submitRun(core, scene.owner, { target: { job: 'asked' }, inputs: {} })
  return eventually(async () => {
    const [review] = (await findReviews(core, scene.owner, { runId, limit: 1 })).items
    if (!review) throw new Error('Nothing is asked yet')
    return review
  })
}
export const withSchedule = async (scene: Scene): Promise<string> => {
  await withJob(scene)
  const request = { jobId: 'hello', inputs: {}, kind: 'interval', everyMs: 3_600_000 } as const
  return (await createSchedule(scene.api.core, scene.owner, request)).id
}
export const withPlanned = async (scene: Scene): Promise<string> => {
  await withJob(scene)
  const request = { jobId: 'hello', inputs: {}, kind: 'planned', everyMs: 3_600_000 } as const
  return (await createSchedule(scene.api.core, scene.owner, request)).id
}
/** One that waits for an answer. */
export const withRecommendation = async (scene: Scene): Promise<{ scheduleId: string; actionId: string }> => {
  const scheduleId = await withPlanned(scene)
  const { db, ids, clock } = scene.api.core
  const actionId = ids.newId('act')
  const one = { action: 'pause', reason: 'Quiet', endpoint: null, everyMs: null, untilMs: null, message: null }
  await db.write((tx) =>
    insertPlanAction.run(tx, {
      id: actionId,
      schedule_id: scheduleId,
      context: contextKey(scene.owner.context),
      cycle_id: ids.newId('cyc'),
      place: 0,
      action: one.action,
      details_json: JSON.stringify(one),
      same_key: 'pause',
      status: 'asked',
      reason: null,
      decided_by: null,
      created_at_ms: clock.nowMs(),
      decided_at_ms: null,
    }),
  )
  return { scheduleId, actionId }
}
export const TRIGGER = { name: 'Releases', jobId: 'hello', scheme: 'github' }
export const RULE = { command: '/whoami', on: { type: 'task.done' } }
export const withTrigger = async (scene: Scene): Promise<string> => {
  await withJob(scene)
  return stored(scene, '/v1/triggers', TRIGGER)
}
export const withRule = (scene: Scene): Promise<string> => stored(scene, '/v1/rules', RULE)
/** One that is dealt with: nobody has put money in. */
export const withDelivery = async ({ api, people }: Scene, triggerId: string): Promise<string> => {
  const path = `/v1/triggers/${triggerId}`
  const { deliveryId } = (await api.call(people.owner, 'POST', `${path}/test`, { json: { run: true } })).body
  return eventually(async () => {
    const { body } = await api.call(people.owner, 'GET', `${path}/deliveries/${deliveryId}`)
    if (body.status === 'accepted') throw new Error('Not dealt with yet')
    return deliveryId
  })
}
export const newKey = (scene: Scene): string => scene.api.core.ids.newSecret()
export const withAgent = (scene: Scene): Promise<string> => stored(scene, '/v1/agents', AGENT)
export const AGENT = { role: 'support', name: 'Sam' }
