import { findForm } from '#db/forms.ts'
import { type Account, accountById } from '../accounts/account.ts'
import { findAccountByIdentity } from '../accounts/identities.ts'
import type { FormDesk, FormPerson } from '../chat/sender.ts'
import { personal } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { fillForm } from './fill.ts'
import { type Form, fieldsOfForm, formOf } from './form.ts'
import { noteOf } from './note.ts'
import { formPart } from './part.ts'
import { isComplete } from './steps.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue' | 'tools' | 'settings'>

/** The forms of everybody, for channels that show them as forms. */
export function createFormDesk(core: Needs): FormDesk {
  return {
    async find(formId, person) {
      const account = await personOf(core, person)
      const row = account && (await findForm.first(core.db, { id: formId }))
      if (!row || row.account_id !== account?.id) return undefined
      if (row.status !== 'open' || row.expires_at_ms <= core.clock.nowMs()) return undefined
      return shown(core, formOf(row))
    },
    async fill(formId, person, filled) {
      const account = await personOf(core, person)
      if (!account) return undefined
      const { id: accountId, handle, platformRole } = account
      const actor = { accountId, handle, platformRole, channel: person.channel, context: personal(accountId) }
      try {
        const form = await fillForm(core, actor, formId, filled)
        const empty = Object.keys(filled.values)
        const isWhole = isComplete(form)
        const isReady = isWhole && !form.terms.hasOverview
        return { form: await shown(core, form, empty), isComplete: isWhole, isReady }
      } catch (error) {
        if (error instanceof AppError) return undefined
        throw error
      }
    },
  }
}

async function personOf(core: Pick<Core, 'db'>, { channel, externalId }: FormPerson): Promise<Account | undefined> {
  const account =
    channel === 'web'
      ? await accountById(core.db, externalId)
      : await findAccountByIdentity(core.db, channel, externalId)
  return account && !account.isDisabled ? account : undefined
}

/** With what it would cost, and what is missing of what was to be given. */
async function shown(core: Needs, form: Form, given: readonly string[] = []) {
  const note = await noteOf(core, form)
  const missing = fieldsOfForm(form).flatMap(({ name }) => (given.includes(name) ? [name] : []))
  return formPart(form, { missing, ...(note === undefined ? {} : { note }) })
}
