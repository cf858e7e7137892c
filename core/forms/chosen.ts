import type { Reader } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import { contextOf } from '../context.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import { findJob } from '../jobs/find.ts'
import { primaryInputOf } from '../jobs/forms.ts'
import type { Form, FormTerms } from './form.ts'

/** The field of a form that asks which job. */
export const JOB_FIELD = 'job'

/** What a form asks for a job's run. */
export function termsOfJob({ displayName, inputSchema, primaryInput }: JobDefinition): FormTerms {
  return {
    title: displayName,
    submitLabel: 'Run it',
    hasOverview: true,
    inputSchema,
    ...(primaryInput === undefined ? {} : { primaryInput }),
  }
}

/** Once it is said which job, the form is the one of that job. */
export async function withChosenJob(on: Reader, actor: Actor, form: Form): Promise<Form> {
  const { purpose, answers } = form
  const chosen = answers[JOB_FIELD]
  if (purpose.kind !== 'run' || purpose.target || !chosen || !('value' in chosen)) return form
  const job = String(chosen.value)
  const found = await findJob(on, { ...actor, context: contextOf(purpose.context) }, job)
  if (!found) return { ...form, answers: { [JOB_FIELD]: { wrong: job, problem: 'That job is not there any more.' } } }
  const { text, ...rest } = purpose
  const primary = text === undefined ? undefined : primaryInputOf(found.definition)
  return {
    ...form,
    purpose: { ...rest, target: { job } },
    terms: termsOfJob(found.definition),
    answers: primary === undefined || text === undefined ? {} : { [primary]: { value: text } },
  }
}
