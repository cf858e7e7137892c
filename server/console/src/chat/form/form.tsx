import { Button } from '@mantine/core'
import { type KeyboardEvent, use, useEffect, useId, useRef, useState } from 'react'
import { ButtonsContext } from '../buttons-context.ts'
import { ButtonsPart } from '../parts/buttons.tsx'
import parts from '../parts/parts.module.css'
import { useKeepFocus } from '../parts/use-keep-focus.ts'
import type { ShownForm } from './arrange.ts'
import { Field } from './field.tsx'
import css from './form.module.css'
import { useFilling } from './use-filling.ts'
import { shownIn } from './values.ts'

/**
 * A form inside a message. What is in it is kept when a field is left; it is sent by its button, by Enter in a line, by
 * Ctrl+Enter in an area. When it is over the message changes, and the form is gone from it.
 */
export default function FormView({ shown }: { shown: ShownForm }) {
  const { onAnswer } = use(ButtonsContext)
  const filling = useFilling(shown, onAnswer)
  const { form, typed, problemOf, failure, isSending, isOver } = filling
  const [uploading, setUploading] = useState<ReadonlySet<string>>(new Set())
  const element = useRef<HTMLFormElement>(null)
  const prefix = useId()
  const idOf = (name: string): string => `${prefix}-${name}`
  useFocusOnProblem(element, filling.refusals)
  useKeepFocus(element)
  if (isOver) {
    return (
      <section className={css.form} data-over aria-label={form.title} data-testid="form-over">
        <h3 className={css.title}>{form.title}</h3>
        <p className={css.note}>This form is over. Start again to get a new one.</p>
      </section>
    )
  }
  const isWaiting = isSending || uploading.size > 0
  // With an empty form nothing is lost: there is nothing to ask about.
  const isEmpty = form.fields.every((field) => shownIn(field, typed) === '')
  const buttons = isEmpty ? shown.buttons.map(({ confirm: _, ...button }) => button) : shown.buttons
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return
    event.preventDefault()
    element.current?.requestSubmit()
  }
  const setBusy = (name: string, isBusy: boolean): void =>
    setUploading((names) => {
      const next = new Set(names)
      if (isBusy) next.add(name)
      else next.delete(name)
      return next
    })
  return (
    <form
      ref={element}
      className={css.form}
      aria-label={form.title}
      aria-busy={isSending}
      // What is missing is said beside the fields, in the same words on every channel.
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!isWaiting) filling.send()
      }}
      onBlur={() => filling.keep()}
      onKeyDown={onKeyDown}
      data-testid="form"
    >
      <div className={css.head}>
        <h3 className={css.title}>{form.title}</h3>
        {form.note && <p className={css.note}>{form.note}</p>}
      </div>
      <div className={css.fields}>
        {form.fields.map((field) => (
          <Field
            key={field.name}
            id={idOf(field.name)}
            field={field}
            value={shownIn(field, typed)}
            problem={problemOf(field.name)}
            onType={(value) => filling.change(field.name, value)}
            onPick={(value) => {
              filling.change(field.name, value)
              filling.keep({ [field.name]: value })
            }}
            onFile={(file) => filling.attach(field.name, file)}
            onBusy={(isBusy) => setBusy(field.name, isBusy)}
          />
        ))}
      </div>
      {failure && (
        <p className={css.failure} role="alert">
          {failure}
        </p>
      )}
      <div className={css.foot}>
        <Button
          type="submit"
          size="compact-md"
          className={parts.button ?? ''}
          // Not `disabled`: the button would lose the keyboard's focus the moment it is pressed.
          aria-disabled={isWaiting}
          {...(isWaiting ? { 'data-disabled': true } : {})}
          data-pending={isSending || undefined}
          aria-busy={isSending}
          data-testid="form-submit"
        >
          {form.submitLabel}
        </Button>
        {buttons.length > 0 && <ButtonsPart buttons={buttons} />}
      </div>
    </form>
  )
}

/** After a refusal the first field that has a problem gets the focus. */
function useFocusOnProblem(element: React.RefObject<HTMLElement | null>, refusals: number): void {
  useEffect(() => {
    if (refusals === 0) return
    const wrong = element.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-problem]')
    const field = wrong?.matches('input, textarea, button') ? wrong : wrong?.querySelector<HTMLElement>('input, button')
    field?.focus()
  }, [refusals, element])
}
