import { Button as MantineButton } from '@mantine/core'
import { use, useRef, useState } from 'react'
import { Link } from 'react-router'
import type { Button } from '#core/chat/message.ts'
import { OutIcon } from '../../app/icons.tsx'
import { ButtonsContext } from '../buttons-context.ts'
import { isWebAddress } from '../markdown/inline.ts'
import { ConfirmStep } from './confirm.tsx'
import css from './parts.module.css'
import { useKeepFocus } from './use-keep-focus.ts'

/**
 * A row of buttons. While one is on its way the whole row waits, so that nobody approves and rejects at once. One that has
 * something to ask first asks in its own place.
 */
export function ButtonsPart({ buttons }: { buttons: Button[] }) {
  const { pending, press } = use(ButtonsContext)
  const row = useRef<HTMLDivElement>(null)
  const [step, setStep] = useState<{ token: string; isOpen: boolean }>()
  useKeepFocus(row)
  const isWaiting = buttons.some((button) => button.token !== undefined && pending.has(button.token))
  return (
    <div className={css.buttons} ref={row}>
      {buttons.map((button, index) =>
        button.url !== undefined ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row of buttons is replaced as a whole
          <LinkButton key={index} label={button.label} url={button.url} />
        ) : button.confirm && button.token !== undefined && step?.isOpen && step.token === button.token ? (
          <ConfirmStep
            key={`confirm ${button.token}`}
            confirm={button.confirm}
            style={button.style}
            isOff={isWaiting}
            onYes={() => {
              setStep({ ...step, isOpen: false })
              press(step.token, button.label)
            }}
            onNo={() => setStep({ ...step, isOpen: false })}
          />
        ) : (
          <PressButton
            key={button.token ?? button.label}
            button={button}
            isWaiting={isWaiting}
            isPending={button.token !== undefined && pending.has(button.token)}
            hasAsked={step !== undefined && step.token === button.token}
            onPress={(token, label) => (button.confirm ? setStep({ token, isOpen: true }) : press(token, label))}
          />
        ),
      )}
    </div>
  )
}

function LinkButton({ label, url }: { label: string; url: string }) {
  if (isOwnPage(url)) {
    return (
      <MantineButton component={Link} to={url} size="compact-md" variant="default" className={css.button ?? ''}>
        {label}
      </MantineButton>
    )
  }
  if (!isWebAddress(url)) return <span className={css.muted}>{`${label}: ${url}`}</span>
  return (
    <MantineButton
      component="a"
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      size="compact-md"
      variant="default"
      className={css.button ?? ''}
      rightSection={<OutIcon size={16} />}
      title={url}
    >
      {label}
    </MantineButton>
  )
}

/** A page of this console, not an address elsewhere: `//host` would be one. */
const isOwnPage = (url: string): boolean => /^\/[\w-]/.test(url)

interface PressProps {
  button: Button
  isWaiting: boolean
  isPending: boolean
  /** Its question was answered: it is back in its place, and so is the focus. */
  hasAsked: boolean
  onPress: (token: string, label: string) => void
}

const focus = (element: HTMLElement | null): void => element?.focus({ preventScroll: true })

function PressButton({ button, isWaiting, isPending, hasAsked, onPress }: PressProps) {
  const { token, label, style } = button
  const isOff = isWaiting || token === undefined
  // Not `disabled`: the button would lose the keyboard's focus the moment it is pressed.
  return (
    <MantineButton
      ref={hasAsked ? focus : null}
      size="compact-md"
      variant={style === 'primary' ? 'filled' : 'default'}
      className={css.button ?? ''}
      data-style={style}
      {...(isOff ? { 'data-disabled': true } : {})}
      aria-disabled={isOff}
      data-pending={isPending || undefined}
      aria-busy={isPending}
      onClick={() => {
        if (!isOff && token !== undefined) onPress(token, label)
      }}
      data-testid="press"
    >
      {label}
    </MantineButton>
  )
}
