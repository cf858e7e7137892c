import css from './form.module.css'
import { Labelled, type LabelledProps, labelledBy } from './labelled.tsx'

interface Props {
  labelled: LabelledProps
  options: { value: string; label: string }[]
  value: string
  onChange: (value: string) => void
}

/** A few choices side by side. What need not be chosen can be taken back. */
export function Pills({ labelled, options, value, onChange }: Props) {
  const { id, required, error } = labelled
  const canClear = !required && value !== ''
  return (
    <Labelled {...labelled}>
      <div
        role="radiogroup"
        className={css.pills}
        aria-required={required}
        aria-invalid={error !== undefined}
        data-invalid={error !== undefined || undefined}
        {...labelledBy(labelled)}
      >
        {options.map((option, index) => (
          <label key={option.value} className={css.pill}>
            <input
              type="radio"
              // The first one stands for the field when the focus is to go there.
              id={index === 0 ? id : undefined}
              name={id}
              value={option.value}
              checked={value === option.value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
        {canClear && (
          <button type="button" className={css.quiet} onClick={() => onChange('')}>
            Clear
          </button>
        )}
      </div>
    </Labelled>
  )
}
