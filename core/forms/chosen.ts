import type { Reader } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import type { IncomingFile } from '../chat/message.ts'
import { contextOf } from '../context.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import { findJob } from '../jobs/find.ts'
import { fieldsOf, primaryInputOf } from '../jobs/forms.ts'
import { readFile } from './answers.ts'
import type { Answer, Answers, Form, FormTerms } from './form.ts'

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
  const { text, file, ...rest } = purpose
  return {
    ...form,
    purpose: { ...rest, target: { job } },
    terms: termsOfJob(found.definition),
    answers: broughtAlong(found.definition, { text, file }),
  }
}

/** What the message had with it before it was said which job: words for the main input, a file for one that takes files. */
function broughtAlong(
  definition: JobDefinition,
  { text, file }: { text: string | undefined; file: IncomingFile | undefined },
): Answers {
  const answers: [string, Answer][] = []
  const fields = fieldsOf(definition)
  const primary = primaryInputOf(definition)
  if (text !== undefined && primary !== undefined) answers.push([primary, { value: text }])
  const forFile = fields.find(({ isFile }) => isFile) ?? fields.find(({ name }) => name === primary)
  if (file && forFile) answers.push([forFile.name, readFile(forFile, file)])
  return Object.fromEntries(answers)
}
