import { JsonInput, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core'
import '@mantine/core/styles/Checkbox.layer.css'
import '@mantine/core/styles/Combobox.layer.css'
import '@mantine/core/styles/NumberInput.layer.css'
import '@mantine/core/styles/Switch.layer.css'
import type { FormField } from '#core/chat/message.ts'
import type { Artifact } from '../../api/types.ts'
import { FileField } from './file-field.tsx'
import css from './form.module.css'
import { Pills } from './pills.tsx'
import { isFew, isYes } from './values.ts'

interface Props {
  id: string
  field: FormField
  value: string
  problem: string | undefined
  onType: (value: string) => void
  /** It is chosen, not typed: it stands at once. */
  onPick: (value: string) => void
  onFile: (file: Artifact) => void
  onBusy: (isBusy: boolean) => void
}

const YES_OR_NO = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
]

/** One thing a form asks for, as the input that fits it. */
export function Field({ id, field, value, problem, onType, onPick, onFile, onBusy }: Props) {
  const { label, description, kind, required, usual, options = [] } = field
  const common = { id, label, description, required, error: problem, 'data-testid': `field-${field.name}` }
  const labelled = { id, label, description, required, error: problem }
  const placeholder = usual === undefined ? {} : { placeholder: usual }
  const file = (
    <FileField labelled={labelled} value={value} onFile={onFile} onRemove={() => onPick('')} onBusy={onBusy} />
  )
  // A file stands for its text, in a field for text too.
  if (field.isFile && value !== '' && value === field.value) return file
  switch (kind) {
    case 'text':
      return (
        <div>
          <TextInput
            {...common}
            {...placeholder}
            value={value}
            onChange={(event) => onType(event.currentTarget.value)}
            autoComplete="off"
          />
          <Examples label={label} examples={field.examples ?? []} value={value} onPick={onPick} />
        </div>
      )
    case 'multiline':
      return (
        <Textarea
          {...common}
          {...placeholder}
          value={value}
          onChange={(event) => onType(event.currentTarget.value)}
          autosize
          minRows={3}
          maxRows={14}
        />
      )
    case 'json':
      return (
        <JsonInput
          {...common}
          {...placeholder}
          classNames={{ input: css.json ?? '' }}
          value={value}
          onChange={onType}
          validationError={problem ?? 'This is not JSON yet: look at its quotes and brackets.'}
          autosize
          minRows={3}
          maxRows={14}
          spellCheck={false}
        />
      )
    case 'number':
    case 'integer':
      return (
        <NumberInput
          {...common}
          {...placeholder}
          value={value}
          onChange={(typed) => onType(String(typed))}
          allowDecimal={kind === 'number'}
          hideControls={kind === 'number'}
        />
      )
    case 'boolean':
      // Where it has to be said, off and not said are two things.
      if (required && usual === undefined) {
        const chosen = value === '' ? '' : String(isYes(value))
        return <Pills labelled={labelled} options={YES_OR_NO} value={chosen} onChange={onPick} />
      }
      return (
        <Switch
          {...common}
          classNames={{ label: css.switchLabel ?? '' }}
          checked={isYes(value || (usual ?? ''))}
          onChange={(event) => onPick(String(event.currentTarget.checked))}
        />
      )
    case 'choice':
      if (isFew(field)) {
        return <Pills labelled={labelled} options={options} value={value || (usual ?? '')} onChange={onPick} />
      }
      return (
        <Select
          {...common}
          placeholder={options.find((option) => option.value === usual)?.label ?? 'Choose one'}
          data={options}
          value={value === '' ? null : value}
          onChange={(chosen) => onPick(chosen ?? '')}
          searchable={options.length > 8}
          clearable={!required}
          checkIconPosition="right"
        />
      )
    case 'file':
      return file
  }
}

interface ExamplesProps {
  label: string
  examples: string[]
  value: string
  onPick: (value: string) => void
}

/** What one might say, to be taken as it is or as a beginning. */
function Examples({ label, examples, value, onPick }: ExamplesProps) {
  if (examples.length === 0) return null
  return (
    <ul className={css.examples} aria-label={`${label}: examples`}>
      {examples.map((example) => (
        <li key={example}>
          <button
            type="button"
            className={css.example}
            aria-pressed={value === example}
            onClick={() => onPick(example)}
          >
            {example}
          </button>
        </li>
      ))}
    </ul>
  )
}
