import { createAccountByOperator } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import type { ChannelName } from '#core/chat/message.ts'
import { personal, teamContext } from '#core/context.ts'
import { fund } from '#core/economy/fund.ts'
import type { JobDefinition, ReviewDefinition, StepDefinition } from '#core/jobs/definition.ts'
import { saveJob } from '#core/jobs/save.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import type { JsonObject } from '#core/json.ts'
import { decideReview } from '#core/reviews/decide.ts'
import { findReviews, getReview } from '#core/reviews/read.ts'
import type { ReviewView } from '#core/reviews/view.ts'
import { getRun } from '#core/runs/read.ts'
import { submitRun } from '#core/runs/submit.ts'
import type { RunView } from '#core/runs/view.ts'
import { createTeam } from '#core/teams/create.ts'
import { addMember } from '#core/teams/members.ts'
import type { TeamRole } from '#db/schema.ts'
import { eventually } from '#tests/support/eventually.ts'
import type { World } from '#tests/support/world.ts'

/** A team with money and people in it, and what they do about reviews. */
export interface Team {
  teamId: string
  owner: Actor
  join(handle: string, role: Exclude<TeamRole, 'owner'>): Promise<Actor>
  /** Starts the job, and gives the run. */
  run(job: Partial<JobDefinition>, inputs?: JsonObject, who?: Actor): Promise<string>
  /** The review that a run waits for. */
  asked(runId: string, round?: number): Promise<ReviewView>
  ended(runId: string): Promise<RunView>
  decide(
    who: Actor,
    review: ReviewView,
    decision: Parameters<typeof decideReview>[2]['decision'],
    more?: object,
  ): Promise<ReviewView>
}

let teams = 0

export async function createReviewTeam({ core }: World): Promise<Team> {
  await seedShipped(core)
  const number = ++teams
  const person = async (handle: string, channel: ChannelName = 'api'): Promise<Actor> => {
    const account = await createAccountByOperator(core, { handle: `${handle}-${number}`, admin: handle === 'owner' })
    return {
      accountId: account.id,
      handle: account.handle,
      platformRole: account.platformRole,
      channel,
      context: personal(account.id),
    }
  }
  const owner = await person('owner')
  const { id: teamId } = await createTeam(core, owner, { name: `Team ${number}` })
  const inTeam = { ...owner, context: teamContext(teamId) }
  await fund(core, inTeam, { context: inTeam.context, amountUsd: '1.00', reason: 'test' })
  const team: Team = {
    teamId,
    owner: inTeam,
    async join(handle, role) {
      const actor = await person(handle)
      await addMember(core, owner, { teamId, accountId: actor.accountId, role })
      return { ...actor, context: teamContext(teamId) }
    },
    async run(job, inputs = {}, who = inTeam) {
      const { jobId } = await saveJob(core, inTeam, { source: definition(job), publish: true })
      return (await submitRun(core, who, { target: { job: jobId }, inputs })).runId
    },
    asked: (runId, round = 1) =>
      eventually(async () => {
        const { items } = await findReviews(core, inTeam, { runId, status: 'open', limit: 10 })
        const found = items.find((one) => one.round === round)
        if (!found)
          throw new Error(`nothing asked in round ${round}: ${JSON.stringify(await getRun(core, inTeam, runId))}`)
        return getReview(core, inTeam, found.id)
      }),
    ended: (runId) =>
      eventually(async () => {
        const run = await getRun(core, inTeam, runId)
        if (run.finishedAt === null) throw new Error(`the run is ${run.status}`)
        return run
      }),
    decide: (who, review, decision, more = {}) =>
      decideReview(core, who, { reviewId: review.id, decision, payloadHash: review.payloadHash, ...more }),
  }
  return team
}

/** Says what it is told; `instructions` come from whoever sent it back. */
export const say = (stepId: string, template: string, more: Partial<StepDefinition> = {}): StepDefinition => ({
  stepId,
  toolId: 'text.template',
  inputMappings: { template: { template }, data: { value: {} } },
  ...more,
})

export const ask = (stepId: string, review: ReviewDefinition, more: Partial<StepDefinition> = {}): StepDefinition => ({
  stepId,
  review,
  ...more,
})

let jobs = 0

const definition = (job: Partial<JobDefinition>): JsonObject =>
  ({
    jobId: `job-${++jobs}`,
    displayName: 'Draft',
    description: 'For a test.',
    inputSchema: { type: 'object', properties: {} },
    steps: [],
    outputs: {},
    ...job,
  }) as unknown as JsonObject
