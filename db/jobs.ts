import { sql } from 'kysely'
import { statement } from './statement.ts'

/** Written out, not bound: only so does SQLite see that the partial index serves. */
const isPublic = sql<boolean>`job.visibility = 'public'`

export const insertJob = statement(
  (
    q,
    p: {
      id: string
      context: string
      jobKey: string
      status: 'draft' | 'published'
      visibility: 'private' | 'team' | 'public'
      createdBy: string
      nowMs: number
    },
  ) =>
    q.insertInto('job').values({
      id: p.id,
      context: p.context,
      job_key: p.jobKey,
      version: 1,
      status: p.status,
      visibility: p.visibility,
      created_by: p.createdBy,
      created_at_ms: p.nowMs,
      updated_at_ms: p.nowMs,
      deleted_at_ms: null,
    }),
)

export const insertJobVersion = statement(
  (q, p: { jobId: string; version: number; definitionJson: string; createdBy: string; nowMs: number }) =>
    q.insertInto('job_version').values({
      job_id: p.jobId,
      version: p.version,
      definition_json: p.definitionJson,
      created_by: p.createdBy,
      created_at_ms: p.nowMs,
    }),
)

/** Only from the version that was read: two who save at once do not overwrite each other. */
export const updateJob = statement(
  (
    q,
    p: {
      id: string
      fromVersion: number
      version: number
      status: 'draft' | 'published'
      visibility: 'private' | 'team' | 'public'
      nowMs: number
    },
  ) =>
    q
      .updateTable('job')
      .set({ version: p.version, status: p.status, visibility: p.visibility, updated_at_ms: p.nowMs })
      .where('id', '=', p.id)
      .where('version', '=', p.fromVersion)
      .where('deleted_at_ms', 'is', null),
)

/** Nothing happens to one that is deleted already. */
export const markJobDeleted = statement((q, p: { id: string; nowMs: number }) =>
  q
    .updateTable('job')
    .set({ deleted_at_ms: p.nowMs, status: 'draft' })
    .where('id', '=', p.id)
    .where('deleted_at_ms', 'is', null),
)

export const findJobInContext = statement((q, p: { context: string; jobKey: string }) =>
  q
    .selectFrom('job')
    .selectAll()
    .where('context', '=', p.context)
    .where('job_key', '=', p.jobKey)
    .where('deleted_at_ms', 'is', null),
)

/** The public job of a name; of several, the oldest. */
export const findPublicJob = statement((q, p: { jobKey: string }) =>
  q
    .selectFrom('job')
    .selectAll()
    .where('job_key', '=', p.jobKey)
    .where(isPublic)
    .where('status', '=', 'published')
    .where('deleted_at_ms', 'is', null)
    .orderBy('created_at_ms')
    .limit(1),
)

/** All that a person sees in a context, with the definition of the newest version. Public drafts are templates to copy. */
export const listVisibleJobs = statement((q, p: { context: string; accountId: string }) =>
  q
    .selectFrom('job')
    .innerJoin('job_version', (join) =>
      join.onRef('job_version.job_id', '=', 'job.id').onRef('job_version.version', '=', 'job.version'),
    )
    .select([
      'job.id',
      'job.context',
      'job.job_key',
      'job.version',
      'job.status',
      'job.visibility',
      'job.created_by',
      'job.created_at_ms',
      'job.updated_at_ms',
      'job_version.definition_json',
    ])
    .where('job.deleted_at_ms', 'is', null)
    .where((job) =>
      job.or([
        job.and([
          job('job.context', '=', p.context),
          job.or([job('job.visibility', '<>', 'private'), job('job.created_by', '=', p.accountId)]),
        ]),
        isPublic,
      ]),
    )
    .orderBy('job.job_key'),
)

export const findJobVersion = statement((q, p: { jobId: string; version: number }) =>
  q.selectFrom('job_version').selectAll().where('job_id', '=', p.jobId).where('version', '=', p.version),
)

export const listJobVersions = statement((q, p: { jobId: string }) =>
  q
    .selectFrom('job_version')
    .leftJoin('account', 'account.id', 'job_version.created_by')
    .select(['job_version.version', 'job_version.created_by', 'job_version.created_at_ms', 'account.handle'])
    .where('job_id', '=', p.jobId)
    .orderBy('version', 'desc'),
)

/** Something else as soon as any job is made, changed, published, withdrawn or removed. */
export const findJobsState = statement((q, _: Record<never, never>) =>
  q
    .selectFrom('job')
    .select(({ fn }) => [
      fn.countAll().as('jobs'),
      fn.sum('version').as('versions'),
      fn.max('updated_at_ms').as('updated_at_ms'),
      fn.max('deleted_at_ms').as('deleted_at_ms'),
    ]),
)

/** Saved inputs of a tool: the team's (or person's) own, and the person's in that context. */
export const listToolDefaults = statement((q, p: { context: string; personal: string }) =>
  // One behind the other: for a list SQLite would make a table of its own each time.
  q
    .selectFrom('tool_default')
    .select(['context', 'tool_id', 'inputs_json'])
    .where('context', '=', p.context)
    .unionAll(
      q.selectFrom('tool_default').select(['context', 'tool_id', 'inputs_json']).where('context', '=', p.personal),
    ),
)

const SEEDED = 'jobs.shipped'

/** Which shipped jobs were put in last; no row before there were any. */
export const findSeeded = statement((q, _: Record<never, never>) =>
  q.selectFrom('setting').select('value_json').where('key', '=', SEEDED),
)

export const markSeeded = statement((q, p: { valueJson: string }) =>
  q
    .insertInto('setting')
    .values({ key: SEEDED, value_json: p.valueJson })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value_json: p.valueJson })),
)
