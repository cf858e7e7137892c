import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link, useSearchParams } from 'react-router'
import { call, sentenceOf } from '../api/client.ts'
import css from './card.module.css'
import { CardPage, ProblemNote } from './card.tsx'
import { useEnter } from './enter.ts'
import { isFinal } from './login.tsx'

/** Where the link of a mail leads. Opening it changes nothing: mail programs do that by themselves. Only the button signs in. */
export default function SignInPage() {
  const [params] = useSearchParams()
  const code = params.get('code') ?? ''
  const enter = useEnter()
  const redeem = useMutation({
    mutationFn: () => call('POST', '/v1/auth/magic-link/redeem', { body: { code } }),
    onSuccess: enter,
  })
  if (!code || isFinal(redeem.error)) {
    return (
      <CardPage title="This link does not work any more" testId="sign-in-refused">
        <ProblemNote>{redeem.isError ? sentenceOf(redeem.error) : 'A part of the link is missing.'}</ProblemNote>
        <p className={css.more}>
          <Link to="/mail">Have another one sent</Link>
        </p>
      </CardPage>
    )
  }
  return (
    <CardPage title="Welcome to Muster" testId="sign-in-page">
      {redeem.isError && <ProblemNote>{sentenceOf(redeem.error)}</ProblemNote>}
      <p className={css.lead}>One press and you are in. This browser then stays signed in.</p>
      <Button
        fullWidth
        size="md"
        onClick={() => redeem.mutate()}
        loading={redeem.isPending}
        autoFocus
        data-testid="sign-in"
      >
        Sign in
      </Button>
    </CardPage>
  )
}
