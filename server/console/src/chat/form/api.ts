import type { FormPart } from '#core/chat/message.ts'
import { call } from '../../api/client.ts'

export interface Filled {
  values: Record<string, string | boolean | null>
  files?: Record<string, string>
}

const path = (formId: string): string => `/v1/chat/forms/${encodeURIComponent(formId)}`

export const readForm = async (formId: string, signal: AbortSignal): Promise<FormPart> =>
  (await call<{ form: FormPart }>('GET', path(formId), { signal })).form

/** Keeps what is filled in so far; the answer says what is wrong with it. */
export const keepForm = async (formId: string, body: Filled): Promise<FormPart> =>
  (await call<{ form: FormPart }>('PUT', path(formId), { body })).form
