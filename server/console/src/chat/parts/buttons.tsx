import { Button as MantineButton } from '@mantine/core'
import { use, useLayoutEffect, useRef } from 'react'
import { Link } from 'react-router'
import type { Button } from '#core/chat/message.ts'
import { OutIcon } from '../../app/icons.tsx'
import { ButtonsContext } from '../buttons-context.ts'
import { isWebAddress } from '../markdown/inline.ts'
import css from './parts.module.css'

/** A row of buttons. While one is on its way the whole row waits, so that nobody approves and rejects at once. */
export function ButtonsPart({ buttons }: { buttons: Button[] }) {
  const { pending, press } = use(ButtonsContext)
  const row = useRef<HTMLDivElement>(null)
  useKeepFocus(row)
  const isWaiting = buttons.some((button) => button.token !== undefined && pending.has(button.token))
  return (
    <div className={css.buttons} ref={row}>
      {buttons.map((button, index) =>
        button.url !== undefined ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a row of buttons is replaced as a whole
          <LinkButton key={index} label={button.label} url={button.url} />
        ) : (
          <PressButton
            key={button.token ?? button.label}
            button={button}
            isWaiting={isWaiting}
            isPending={button.token !== undefined && pending.has(button.token)}
            onPress={press}
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
  onPress: (token: string, label: string) => void
}

function PressButton({ button, isWaiting, isPending, onPress }: PressProps) {
  const { token, label, style } = button
  const isOff = isWaiting || token === undefined
  // Not `disabled`: the button would lose the keyboard's focus the moment it is pressed.
  return (
    <MantineButton
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

/** Buttons vanish when their question is answered; the focus then goes to their message instead of to nowhere. */
function useKeepFocus(row: React.RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = row.current
    return () => {
      if (element?.contains(document.activeElement)) {
        element.closest<HTMLElement>('[data-message]')?.focus({ preventScroll: true })
      }
    }
  }, [row])
}
