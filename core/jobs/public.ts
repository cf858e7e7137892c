import { findJobsState, listVisibleJobs } from '#db/jobs.ts'
import { contextKey, teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { commandOf, type JobDefinition } from './definition.ts'

/** The jobs that are commands for everybody on the instance, whatever context they are in. */
export const publicJobs = (core: Pick<Core, 'db'>): Promise<OfferedJob[]> => jobsFor(core, '', '')

/** The jobs that are commands for everybody in a team: its own and the public ones. */
export const jobsOfTeam = (core: Pick<Core, 'db'>, teamId: string): Promise<OfferedJob[]> =>
  jobsFor(core, contextKey(teamContext(teamId)), '')

/** Another text as soon as there is, or was, anything else to run anywhere. */
export async function jobsState(core: Pick<Core, 'db'>): Promise<string> {
  const state = await findJobsState.first(core.db, {})
  return `${state?.jobs} ${state?.versions} ${state?.updated_at_ms} ${state?.deleted_at_ms}`
}

export interface OfferedJob {
  command: string
  displayName: string
  description: string
}

async function jobsFor(core: Pick<Core, 'db'>, context: string, accountId: string): Promise<OfferedJob[]> {
  const rows = await listVisibleJobs.all(core.db, { context, accountId })
  return rows
    .filter(({ status }) => status === 'published')
    .map(({ job_key, definition_json }) => {
      const { displayName, description } = JSON.parse(definition_json) as JobDefinition
      return { command: commandOf(job_key), displayName, description }
    })
}
