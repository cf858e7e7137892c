import type { Part } from '../chat/message.ts'
import { text } from '../chat/message.ts'
import type { Core } from '../core.ts'
import { oneLine } from '../cut.ts'
import { listPublished } from '../jobs/read.ts'
import type { Person } from './person.ts'

const JOBS_MAX = 20

/** A button for each job there is to run; it opens what the job asks for, and nothing is spent before that is sent. */
export async function jobsToRun(core: Pick<Core, 'db'>, { actor }: Person): Promise<Part[]> {
  const published = await listPublished(core, actor)
  if (published.length === 0) return [text('There is nothing to run yet. /jobs templates has jobs to copy.', 'muted')]
  const shown = published.slice(0, JOBS_MAX)
  return [
    text('Run something', 'strong'),
    {
      type: 'buttons',
      buttons: [
        ...shown.map(({ jobId, displayName }) => ({ label: oneLine(displayName, 60), command: `/home run ${jobId}` })),
        ...(published.length > shown.length ? [{ label: 'All jobs', command: '/jobs' }] : []),
      ],
    },
  ]
}
