import '@mantine/core/styles/PasswordInput.layer.css'
import { Button, PasswordInput, Skeleton } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { problemAt, sentenceOf } from '../api/client.ts'
import { useSession } from '../app/session.ts'
import css from '../app/settings.module.css'
import { ProblemNote } from '../pages/card.tsx'
import { NewPassword } from '../pages/new-password.tsx'
import { useChangePassword, usePasswordState } from './api.ts'

/** Changes the password, or sets the first one. */
export function Password() {
  const state = usePasswordState()
  const change = useChangePassword()
  const { handle } = useSession()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  if (state.isPending) return <Skeleton height={170} />
  const isSet = state.data?.isSet ?? false
  const problems = { current: problemAt(change.error, 'currentPassword'), next: problemAt(change.error, 'password') }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const done = (): void => {
      setCurrent('')
      setPassword('')
    }
    change.mutate({ password, ...(isSet ? { currentPassword: current } : {}) }, { onSuccess: done })
  }
  return (
    <form className={css.form} onSubmit={submit} aria-labelledby="password-title" data-testid="account-password">
      <div>
        <h2 id="password-title" className={css.subtitle}>
          Password
        </h2>
        <p className={css.lead}>
          {isSet
            ? 'With a new one you are signed out everywhere else.'
            : 'You have none yet: you come in by other ways.'}
        </p>
      </div>
      {change.isError && !problems.current && !problems.next && <ProblemNote>{sentenceOf(change.error)}</ProblemNote>}
      {/* For password managers: whose it is. */}
      <input type="text" name="username" autoComplete="username" value={handle} readOnly hidden />
      <div className={css.fields}>
        {isSet && (
          <PasswordInput
            label="Password as it is now"
            description="So that nobody else changes it"
            required
            withAsterisk={false}
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            error={problems.current}
            autoComplete="current-password"
            data-testid="current-password"
          />
        )}
        <NewPassword label="New password" value={password} onChange={setPassword} error={problems.next} size="sm" />
      </div>
      {change.isSuccess && (
        <p className={css.good} role="status">
          Your password is set.
        </p>
      )}
      <div>
        <Button type="submit" loading={change.isPending} data-testid="password-save">
          {isSet ? 'Change it' : 'Set it'}
        </Button>
      </div>
    </form>
  )
}
