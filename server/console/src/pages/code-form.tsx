import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import css from './card.module.css'

interface Props {
  label: string
  button: string
  onCode: (code: string) => void
}

/** For those who have the code and not the link. A whole link may be pasted as well. */
export function CodeForm({ label, button, onCode }: Props) {
  const [typed, setTyped] = useState('')
  const code = codeOf(typed)
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (code) onCode(code)
      }}
    >
      <TextInput
        label={label}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        autoComplete="one-time-code"
        autoCapitalize="off"
        spellCheck={false}
        size="md"
        data-testid="code"
      />
      <Button type="submit" size="md" disabled={!code} data-testid="code-continue">
        {button}
      </Button>
    </form>
  )
}

function codeOf(typed: string): string {
  const text = typed.trim()
  if (!/^https?:\/\//i.test(text)) return text
  try {
    return new URL(text).searchParams.get('code') ?? ''
  } catch {
    return ''
  }
}
