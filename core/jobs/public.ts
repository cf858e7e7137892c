import { listVisibleJobs } from '#db/jobs.ts'
import type { Core } from '../core.ts'
import { commandOf, type JobDefinition } from './definition.ts'

/** The jobs that are commands for everybody on the instance, whatever context they are in. */
export async function publicJobs(
  core: Pick<Core, 'db'>,
): Promise<{ command: string; displayName: string; description: string }[]> {
  const rows = await listVisibleJobs.all(core.db, { context: '', accountId: '' })
  return rows
    .filter(({ status }) => status === 'published')
    .map(({ job_key, definition_json }) => {
      const { displayName, description } = JSON.parse(definition_json) as JobDefinition
      return { command: commandOf(job_key), displayName, description }
    })
}
