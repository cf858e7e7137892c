import type { Reader } from '#db/db.ts'
import { findOpenForm } from '#db/forms.ts'

/** The form that a person is filling in in a conversation, if any. */
export async function formHere(
  on: Reader,
  where: { accountId: string; channel: string; conversation: string; nowMs: number },
): Promise<string | undefined> {
  return (await findOpenForm.first(on, where))?.id
}
