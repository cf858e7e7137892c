import css from './parts.module.css'
import { Words } from './words.tsx'

/** Names and values side by side. */
export function FieldsPart({ fields }: { fields: { label: string; value: string }[] }) {
  return (
    <dl className={css.fields}>
      {fields.map((field, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: labels may repeat, their order is theirs
        <div key={index}>
          <dt>{field.label}</dt>
          <dd>
            <Words text={field.value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
