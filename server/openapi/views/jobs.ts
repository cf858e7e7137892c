import { z } from 'zod'
import type { JobDefinition } from '#core/jobs/definition.ts'
import type { Difference } from '#core/jobs/diff.ts'
import type { JobView, VersionView } from '#core/jobs/read.ts'
import type { SavedJob } from '#core/jobs/save.ts'
import { moment, object, shapeOf, usd } from './shape.ts'

const definition = object<JobDefinition>('The definition of a job: see docs/jobs.md')
const saved = {
  id: z.string(),
  jobId: z.string(),
  version: z.int(),
  status: z.enum(['draft', 'published']),
  visibility: z.enum(['private', 'team', 'public']),
}
const named = {
  command: z.string().meta({ description: 'Without the slash' }),
  displayName: z.string(),
  description: z.string(),
  definition,
}
const amounts = { estimateUsd: usd, maxUsd: usd }

export const JOB_VIEWS = {
  Job: shapeOf<JobView>()(z.object({ ...saved, ...named, isOwn: z.boolean(), updatedAt: moment })),
  JobSaved: z.object({ ...saved, ...named }),
  JobStatus: shapeOf<SavedJob>()(z.object(saved)),
  JobProblems: z.object({ problems: z.array(z.object({ path: z.string(), message: z.string() })) }),
  JobVersion: shapeOf<VersionView>()(z.object({ version: z.int(), createdBy: z.string(), createdAt: moment })),
  JobAtVersion: z.object({ jobId: z.string(), version: z.int(), definition }),
  JobDiff: z.object({ from: z.int(), to: z.int(), differences: z.array(object<Difference>('What is not the same')) }),
  Quote: z.object({
    ...amounts,
    perStep: z
      .array(z.object({ stepId: z.string(), toolId: z.string().optional(), jobId: z.string().optional(), ...amounts }))
      .meta({ description: 'Steps that cost something' }),
  }),
}
