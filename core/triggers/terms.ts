import type { SignatureScheme } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import type { Core } from '../core.ts'
import { readLimit } from '../economy/amounts.ts'
import { AppError, type Problem } from '../errors.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import { usableJob } from '../jobs/find.ts'
import { isShallow, type Json } from '../json.ts'
import { singleToolJob } from '../runs/single-tool.ts'
import { targetOf } from '../schedules/row.ts'
import type { TriggerFilter } from './filter.ts'
import { mappingProblems, type TriggerMapping } from './mapping.ts'

/** A request as it may come, to try a mapping with. */
export interface Example {
  headers?: Record<string, string> | undefined
  body?: Json | undefined
}

/** What somebody decides about a trigger. */
export interface TriggerTerms {
  name: string
  /** A job, or one tool by its id. */
  jobId: string
  mapping: TriggerMapping
  filter?: TriggerFilter | undefined
  example?: Example | null | undefined
  budgetUsd?: string | null | undefined
  ratePerMinute?: number | undefined
}

export interface NewTrigger extends TriggerTerms {
  scheme: SignatureScheme
  /** Left out, one is made. */
  secret?: string | undefined
}

const NAME_CHARACTERS_MAX = 80
const RATE = { usual: 60, max: 6_000 }
const TERMS_BYTES_MAX = 256 * 1024

/** As columns of its row. */
export interface CheckedTerms {
  name: string
  job_key: string
  mapping_json: string
  filter_json: string
  example_json: string | null
  budget_micros: bigint | null
  rate_per_minute: number
}

/** Everything that is wrong with it at once (`bad_input`); `not_found` for a job that is not there. */
export async function checkTerms(
  core: Pick<Core, 'db' | 'tools'>,
  actor: Actor,
  terms: TriggerTerms,
): Promise<CheckedTerms> {
  const name = terms.name.replaceAll(/\s+/g, ' ').trim()
  const rate = terms.ratePerMinute ?? RATE.usual
  const problems: Problem[] = mappingProblems(terms.mapping, await targetDefinition(core, actor, terms.jobId))
  if (name === '' || name.length > NAME_CHARACTERS_MAX) {
    problems.unshift({ path: 'name', message: `must have 1 to ${NAME_CHARACTERS_MAX} characters` })
  }
  if (!Number.isInteger(rate) || rate < 1 || rate > RATE.max) {
    problems.push({ path: 'ratePerMinute', message: `is a whole number from 1 to ${RATE.max}` })
  }
  if (problems.length > 0) throw badTerms(problems)
  const { mapping, filter = {}, example = null } = terms
  const checked: CheckedTerms = {
    name,
    job_key: terms.jobId,
    mapping_json: JSON.stringify(mapping),
    filter_json: JSON.stringify(filter),
    example_json: example === null ? null : JSON.stringify(example),
    budget_micros: readLimit('budgetUsd', terms.budgetUsd ?? null),
    rate_per_minute: rate,
  }
  const bytes = Buffer.byteLength(checked.mapping_json + checked.filter_json + (checked.example_json ?? ''))
  if (bytes > TERMS_BYTES_MAX) throw new AppError('too_large', 'Mapping, filter and example may have 256 KiB together.')
  if (!isShallow(example, DEPTH_MAX)) throw badTerms([{ path: 'example', message: 'is nested too deep' }])
  return checked
}

const DEPTH_MAX = 64

function badTerms(problems: Problem[]): AppError {
  const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  return new AppError('bad_input', `This trigger cannot be: ${list}.`, { problems })
}

/** The job or tool that a trigger names, as it is for the actor now. */
export async function targetDefinition(
  core: Pick<Core, 'db' | 'tools'>,
  actor: Actor,
  jobKey: string,
): Promise<JobDefinition> {
  const target = targetOf(jobKey)
  if ('tool' in target) return singleToolJob(core.tools, target.tool)
  const { row, definition } = await usableJob(core.db, actor, target.job)
  if (row.status === 'published') return definition
  const message = `${definition.displayName} is a draft. What runs by itself is published first: /publish ${jobKey}.`
  throw new AppError('bad_request', message)
}
