import type { FormField, FormPart } from '#core/chat/message.ts'
import type { FilledIn, FormDesk, FormPerson } from '#core/chat/sender.ts'

type Field = FormField & { check?: (value: string) => string | undefined }

/** A desk with one form on it, for tests of a channel. Fields may depend on what was given. */
export class TestDesk implements FormDesk {
  readonly given: Record<string, string> = {}
  readonly fills: FilledIn[] = []
  /** Fields whose value is a file's name. */
  readonly files = new Set<string>()
  readonly formId = 'form_1'
  owner = 'T0PEER:U0ANN'
  isOver = false
  readonly #fields: (given: Readonly<Record<string, string>>) => Field[]
  readonly #shape: (given: Readonly<Record<string, string>>) => Partial<FormPart>

  constructor(
    fields: Field[] | ((given: Readonly<Record<string, string>>) => Field[]),
    shape: Partial<FormPart> | ((given: Readonly<Record<string, string>>) => Partial<FormPart>) = {},
  ) {
    this.#fields = typeof fields === 'function' ? fields : () => fields
    this.#shape = typeof shape === 'function' ? shape : () => shape
  }

  form(): FormPart {
    const fields = this.#fields(this.given).map(({ check, ...field }): FormField => {
      const value = this.given[field.name] ?? field.value
      const problem = value === undefined ? undefined : check?.(value)
      const isFile = this.files.has(field.name) ? { isFile: true as const } : {}
      return { ...field, ...isFile, ...(value === undefined ? {} : { value }), ...(problem ? { problem } : {}) }
    })
    return {
      type: 'form',
      formId: this.formId,
      title: 'Release notes',
      submitLabel: 'Run',
      ...this.#shape(this.given),
      fields,
    }
  }

  async find(formId: string, { externalId }: FormPerson): Promise<FormPart | undefined> {
    return this.isOver || formId !== this.formId || externalId !== this.owner ? undefined : this.form()
  }

  async fill(formId: string, person: FormPerson, filled: FilledIn) {
    if (!(await this.find(formId, person))) return undefined
    this.fills.push(filled)
    for (const [name, value] of Object.entries(filled.values)) {
      this.files.delete(name)
      if (value === null) delete this.given[name]
      else this.given[name] = String(value)
    }
    for (const [name, file] of Object.entries(filled.files ?? {})) {
      this.given[name] = file.name
      this.files.add(name)
    }
    const form = this.form()
    const isComplete = form.fields.every(({ required, value, usual, problem }) => {
      return problem === undefined && (!required || value !== undefined || usual !== undefined)
    })
    return { form, isComplete, isReady: false }
  }
}

export const field = (name: string, more: Partial<Field> = {}): Field => ({
  name,
  label: name,
  kind: 'text',
  required: true,
  ...more,
})
