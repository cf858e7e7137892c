import '@mantine/core/styles/PasswordInput.layer.css'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { call, sentenceOf } from '../api/client.ts'
import css from './card.module.css'
import { ProblemNote } from './card.tsx'
import { useEnter } from './enter.ts'

/** Handle or address, and the password. */
export function PasswordForm() {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const enter = useEnter()
  const login = useMutation({
    mutationFn: () => call('POST', '/v1/auth/login', { body: { ...nameOf(name), password } }),
    onSuccess: enter,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (name.trim() && password) login.mutate()
  }
  return (
    <form className={css.form} onSubmit={submit}>
      {login.isError && <ProblemNote>{sentenceOf(login.error)}</ProblemNote>}
      <TextInput
        label="Handle or e-mail"
        required
        withAsterisk={false}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="username"
        autoCapitalize="off"
        spellCheck={false}
        size="md"
        data-testid="login-name"
      />
      <PasswordInput
        label="Password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        size="md"
        data-testid="login-password"
      />
      <Button type="submit" size="md" loading={login.isPending} data-testid="login-submit">
        Sign in
      </Button>
    </form>
  )
}

/** A handle may be written with an @ before it; an address has it within. */
function nameOf(typed: string): { handle: string } | { email: string } {
  const name = typed.trim()
  return name.indexOf('@') > 0 ? { email: name } : { handle: name }
}
