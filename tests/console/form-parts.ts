import type { FormPart, Part } from '#core/chat/message.ts'

/** A form with a field of each kind. */
export const everyKind: FormPart = {
  type: 'form',
  formId: 'form_1',
  title: 'Content brief',
  note: 'Team Acme Research pays · ≈ $0.18 (max $0.30)',
  fields: [
    { name: 'topic', label: 'Topic', kind: 'text', required: true, description: 'What the article is about.' },
    { name: 'tone', label: 'Tone', kind: 'choice', required: true, options: choices('calm', 'lively', 'formal') },
    {
      name: 'language',
      label: 'Language',
      kind: 'choice',
      required: false,
      usual: 'en',
      options: [
        { value: 'en', label: 'English (United Kingdom)' },
        { value: 'de', label: 'German (Germany)' },
        { value: 'fr', label: 'French (France)' },
        { value: 'es', label: 'Spanish (Spain)' },
      ],
    },
    { name: 'words', label: 'Words', kind: 'integer', required: false, usual: '800' },
    {
      name: 'notes',
      label: 'Notes',
      kind: 'multiline',
      required: false,
      description: 'Anything the writer should know.',
    },
    { name: 'keywords', label: 'Keywords', kind: 'json', required: false, usual: '[]' },
    { name: 'sources', label: 'Sources', kind: 'file', required: false, description: 'A text file, up to 50 MB.' },
    { name: 'urgent', label: 'Urgent', kind: 'boolean', required: false, description: 'Goes before everything else.' },
  ],
  asks: 'topic',
  submitLabel: 'Start',
}

export const smallForm = (...fields: FormPart['fields']): FormPart => ({
  type: 'form',
  formId: 'form_2',
  title: 'Release notes',
  fields,
  submitLabel: 'Start',
})

export const formButtons: Part = {
  type: 'buttons',
  buttons: [
    { label: 'Start', token: 'tok_start', style: 'primary' },
    { label: 'Cancel', token: 'tok_cancel' },
  ],
}

function choices(...values: string[]): { value: string; label: string }[] {
  return values.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))
}
