import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link, useSearchParams } from 'react-router'
import { call, sentenceOf } from '../api/client.ts'
import { queryClient } from '../api/query-client.ts'
import { useSession } from '../app/session.ts'
import css from '../app/settings.module.css'
import { ProblemNote } from './card.tsx'

/** Where the link of a mail leads that asks whose address it is: it takes the link, and being signed in. */
export default function VerifyPage() {
  const [params] = useSearchParams()
  const me = useSession()
  const verify = useMutation({
    mutationFn: () =>
      call<{ address: string }>('POST', '/v1/auth/email/verify', { body: { code: params.get('code') ?? '' } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['me'] }),
  })
  return (
    <div className={css.page} data-testid="verify">
      <h1 className={css.title}>Your e-mail address</h1>
      {verify.isSuccess ? (
        <p className={css.good} role="status">
          {verify.data.address} is yours now. <Link to="/account">Your account</Link>
        </p>
      ) : (
        <>
          <p className={css.lead}>
            You are signed in as @{me.handle}. Is that the account this address belongs to? Then you can sign in with it
            from now on.
          </p>
          {verify.isError && <ProblemNote>{sentenceOf(verify.error)}</ProblemNote>}
          <div>
            <Button onClick={() => verify.mutate()} loading={verify.isPending} data-testid="verify-submit">
              Yes, it is mine
            </Button>
          </div>
        </>
      )}
    </div>
  )
}
