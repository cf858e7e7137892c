import { Button } from '@mantine/core'
import { type KeyboardEvent, useId, useRef } from 'react'
import type { Confirm } from '#core/chat/message.ts'
import css from './confirm.module.css'
import parts from './parts.module.css'
import { useKeepFocus } from './use-keep-focus.ts'

interface Props {
  confirm: Confirm
  /** How the button it stands in for looks. */
  style: 'primary' | 'danger' | undefined
  isOff: boolean
  onYes: () => void
  onNo: () => void
}

const focus = (element: HTMLElement | null): void => element?.focus({ preventScroll: true })

/**
 * The second step of a button, in its place: nothing has happened yet. The question comes first, so that the second click of
 * a double one hits no button; the keyboard stands on No, and Escape is No.
 */
export function ConfirmStep({ confirm: { title, text, yes, no }, style, isOff, onYes, onNo }: Props) {
  const box = useRef<HTMLFieldSetElement>(null)
  const id = useId()
  useKeepFocus(box)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    onNo()
  }
  return (
    <fieldset
      ref={box}
      className={css.confirm}
      data-style={style}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onKeyDown={onKeyDown}
      data-testid="confirm"
    >
      <span className={css.words}>
        <strong id={`${id}-title`}>{title}</strong> <span id={`${id}-text`}>{text}</span>
      </span>
      <Button
        size="compact-md"
        variant={style === 'primary' ? 'filled' : 'default'}
        className={parts.button ?? ''}
        data-style={style}
        aria-disabled={isOff}
        {...(isOff ? { 'data-disabled': true } : {})}
        onClick={() => {
          if (!isOff) onYes()
        }}
        data-testid="confirm-yes"
      >
        {yes}
      </Button>
      <Button
        ref={focus}
        size="compact-md"
        variant="default"
        className={parts.button ?? ''}
        onClick={onNo}
        data-testid="confirm-no"
      >
        {no}
      </Button>
    </fieldset>
  )
}
