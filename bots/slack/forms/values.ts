import type { FormPart, IncomingFile } from '#core/chat/message.ts'
import type { FilledIn } from '#core/chat/sender.ts'
import { fileFrom } from '../incoming.ts'
import type { ViewState } from '../payloads.ts'
import { chosenValue } from './choices.ts'
import { blockIdOf, fileBlockIdOf, KEPT } from './field.ts'

/**
 * What stands in the dialog, by field. An empty one is taken back, but for such as cannot show what they have: there it
 * stays. Fields that are not on this page are left as they are.
 */
export function filledIn({ fields }: FormPart, { values: given = {} }: ViewState): FilledIn {
  const values: FilledIn['values'] = {}
  const files: Record<string, IncomingFile> = {}
  for (const field of fields) {
    const [[actionId, state] = []] = Object.entries(given[blockIdOf(field)] ?? {})
    if (!actionId || !state) continue
    const [attached] = Object.values(given[fileBlockIdOf(field)] ?? {})
    const [file] = [...(state.files ?? []), ...(attached?.files ?? [])].flatMap(fileFrom)
    if (file) files[field.name] = file
    else if (state.selected_option?.value != null) values[field.name] = chosenValue(field, state.selected_option.value)
    else if (state.value) values[field.name] = state.value
    else if (actionId !== KEPT) values[field.name] = null
  }
  return { values, files }
}

/** The fields that the dialog showed. */
export const shownIn = ({ fields }: FormPart, { values = {} }: ViewState): string[] =>
  fields.filter((field) => values[blockIdOf(field)] !== undefined).map(({ name }) => name)
