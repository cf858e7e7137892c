import type { FormField, FormPart } from '../chat/message.ts'
import type { Field } from '../jobs/forms.ts'
import { typed } from './answers.ts'
import { askedNow, type Form, type FormTerms, fieldsOfForm, OVERVIEW } from './form.ts'

/** A form as channels show it. `missing`: fields that are empty and were to be filled in. */
export function formPart(
  form: Form,
  { note, missing = [] }: { note?: string; missing?: readonly string[] } = {},
): FormPart {
  const { terms, answers } = form
  const fields = fieldsOfForm(form).map((field): FormField => {
    const given = answers[field.name]
    const shown = formField(field, terms)
    if (given === undefined || 'skipped' in given) {
      return missing.includes(field.name) && field.required ? { ...shown, problem: 'This is needed.' } : shown
    }
    if ('wrong' in given) return { ...shown, value: given.wrong, problem: given.problem }
    if ('file' in given) return { ...shown, value: given.file.name, isFile: true }
    return { ...shown, value: typed(given.value) }
  })
  const asks = askedNow(form)
  return {
    type: 'form',
    formId: form.id,
    title: terms.title,
    ...(note === undefined ? {} : { note }),
    fields,
    ...(asks === OVERVIEW ? {} : { asks }),
    submitLabel: terms.submitLabel,
  }
}

function formField(field: Field, { labels, hasOverview }: FormTerms): FormField {
  const kind = kindOf(field)
  const { name, label, description, required, default: usual } = field
  const options = field.enum?.map((value) => ({
    value: typed(value),
    label: labels?.[name]?.[typed(value)] ?? typed(value),
  }))
  return {
    name,
    label,
    ...(description === undefined ? {} : { description }),
    kind,
    required,
    ...(kind === 'multiline' && hasOverview ? { takesFile: true } : {}),
    ...(options ? { options } : {}),
    ...(field.schema.examples?.length ? { examples: field.schema.examples.map(typed) } : {}),
    ...(usual === undefined ? {} : { usual: typed(usual) }),
  }
}

function kindOf({ type, enum: allowed, isFile, multiline }: Field): FormField['kind'] {
  if (allowed) return 'choice'
  if (isFile) return 'file'
  switch (type) {
    case 'boolean':
    case 'number':
    case 'integer':
      return type
    case 'object':
    case 'array':
      return 'json'
    default:
      return multiline ? 'multiline' : 'text'
  }
}
