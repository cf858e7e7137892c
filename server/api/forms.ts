import { Hono } from 'hono'
import { z } from 'zod'
import type { FilledIn, FormDesk, FormPerson } from '#core/chat/sender.ts'
import { type Said, saidOnWeb, sayOnWeb } from '#core/chat/web.ts'
import type { Core } from '#core/core.ts'
import { AppError, type Problem } from '#core/errors.ts'
import { createFormDesk } from '#core/forms/desk.ts'
import { requireSpeaker } from '../auth/principal.ts'
import type { Env, ServerDeps } from '../env.ts'
import { describe } from '../openapi/describe.ts'
import { readBody, readQuery } from '../read-body.ts'
import { ownFile } from './own-file.ts'
import { pathId } from './request.ts'
import { jsonObject, text } from './schemas.ts'

const FILES_MAX = 20

/** What somebody put into a form: values as JSON or as they are typed, files by the id of their upload. */
export const filledBody = z.strictObject({
  values: jsonObject.default({}),
  files: z
    .record(text(200), text(200))
    .refine((files) => Object.keys(files).length <= FILES_MAX, `must be at most ${FILES_MAX}`)
    .default({}),
})
const nothing = z.strictObject({})
type Filled = z.infer<typeof filledBody>

/** The same with the files behind the ids, which must be the person's own. */
export async function filledIn(core: Pick<Core, 'db'>, accountId: string, filled: Filled): Promise<FilledIn> {
  const named = Object.entries(filled.files).map(
    async ([name, id]) => [name, await ownFile(core, accountId, id)] as const,
  )
  return { values: filled.values, files: Object.fromEntries(await Promise.all(named)) }
}

/** Forms outside of what is said: as they stand, and keeping what was filled in so far. */
export function formRoutes({ core }: ServerDeps): Hono<Env> {
  const app = new Hono<Env>()
  const desk = createFormDesk(core)

  app.get(
    '/chat/forms/:formId',
    describe({ summary: 'A form as it stands', group: 'chat', query: nothing, answers: { 200: 'Form' } }),
    async (c) => {
      const { account } = requireSpeaker(c)
      readQuery(c, nothing)
      const form = await desk.find(pathId(c, 'formId', 'such form'), personOnWeb(account.id))
      if (!form) throw formIsOver()
      return c.json({ form })
    },
  )

  app.put(
    '/chat/forms/:formId',
    describe({
      summary: 'Keep what was filled in so far',
      group: 'chat',
      body: filledBody,
      answers: { 200: 'Form' },
      refuses: ['bad_input'],
    }),
    async (c) => {
      const { account } = requireSpeaker(c)
      const filled = await filledIn(core, account.id, await readBody(c, filledBody))
      const kept = await desk.fill(pathId(c, 'formId', 'such form'), personOnWeb(account.id), filled)
      if (!kept) throw formIsOver()
      return c.json({ form: kept.form })
    },
  )
  return app
}

const personOnWeb = (accountId: string): FormPerson => ({ channel: 'web', externalId: accountId })

const formIsOver = (): AppError =>
  new AppError(
    'not_found',
    'This form is over: it was sent or cancelled, or has expired. Start again to get a new one.',
  )

/**
 * Keeps what is in the form and says that it is to be sent. With something missing or wrong nothing is said, and what it
 * is stands beside each field (`form_incomplete`); what was kept stays. The same request again is said once, also when the
 * form is over by then.
 */
export async function sendForm(
  core: Pick<Core, 'db' | 'clock' | 'queue'>,
  desk: FormDesk,
  { text, ...said }: Said,
  form: { formId: string } & FilledIn,
): ReturnType<typeof sayOnWeb> {
  const before = () => saidOnWeb(core.db, { ...said, text, form })
  const replay = await before()
  if (replay) return replay
  const filled = await desk.fill(form.formId, personOnWeb(said.accountId), form)
  if (!filled) {
    // The same request may have been carried out in this very moment.
    const late = await before()
    if (late) return late
    throw formIsOver()
  }
  if (!filled.isComplete) throw incomplete(problemsOf(filled.form.fields))
  return sayOnWeb(core, { ...said, text: text.trim() || filled.form.submitLabel, form })
}

type Fields = readonly { name: string; required: boolean; value?: string; problem?: string }[]

const problemsOf = (fields: Fields): Problem[] =>
  fields.flatMap(({ name, required, value, problem }) => {
    if (problem !== undefined) return [{ path: name, message: problem }]
    return required && value === undefined ? [{ path: name, message: 'This is needed.' }] : []
  })

function incomplete(problems: Problem[]): AppError {
  const count = problems.length === 1 ? 'One field is' : `${problems.length} fields are`
  return new AppError('form_incomplete', `${count} missing or wrong. What you have entered is kept.`, { problems })
}
