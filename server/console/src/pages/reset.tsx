import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { ApiError, call, problemAt, sentenceOf } from '../api/client.ts'
import css from './card.module.css'
import { CardPage, ProblemNote } from './card.tsx'
import { useEnter } from './enter.ts'
import { NewPassword } from './new-password.tsx'

/** Chooses a new password, with the link of a mail. */
export default function ResetPage() {
  const [params] = useSearchParams()
  const [password, setPassword] = useState('')
  const code = params.get('code') ?? ''
  const enter = useEnter()
  const reset = useMutation({
    mutationFn: () => call('POST', '/v1/auth/password/reset', { body: { code, password } }),
    onSuccess: enter,
  })
  const problem = problemAt(reset.error, 'password')
  if (!code || concernsLink(reset.error)) {
    return (
      <CardPage title="This link does not work any more" testId="reset-refused">
        <ProblemNote>{reset.isError ? sentenceOf(reset.error) : 'A part of the link is missing.'}</ProblemNote>
        <p className={css.more}>
          <Link to="/forgot">Have another one sent</Link>
        </p>
      </CardPage>
    )
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    reset.mutate()
  }
  return (
    <CardPage title="Choose a new password" testId="reset">
      <p className={css.lead}>You are signed out everywhere else with it.</p>
      {reset.isError && !problem && <ProblemNote>{sentenceOf(reset.error)}</ProblemNote>}
      <form className={css.form} onSubmit={submit}>
        <NewPassword value={password} onChange={setPassword} error={problem} />
        <Button type="submit" size="md" loading={reset.isPending} data-testid="reset-submit">
          Save and sign in
        </Button>
      </form>
    </CardPage>
  )
}

const concernsLink = (error: unknown): boolean =>
  error instanceof ApiError && ['expired', 'not_found', 'conflict'].includes(error.code)
