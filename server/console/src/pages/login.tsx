import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link, useSearchParams } from 'react-router'
import { ApiError, call, sentenceOf } from '../api/client.ts'
import { useMethods } from '../api/methods.ts'
import { useMe } from '../api/queries.ts'
import css from './card.module.css'
import { CardPage, ProblemNote } from './card.tsx'
import { CodeForm } from './code-form.tsx'
import { useEnter } from './enter.ts'
import { PasswordForm } from './password-form.tsx'

/** Signs in: with a password, over Google or mail where there is that, or with a one-time link from the chat. */
export default function LoginPage() {
  const [params, setParams] = useSearchParams()
  const methods = useMethods()
  const code = params.get('code')
  if (code) return <WithCode key={code} code={code} onOther={() => setParams({}, { replace: true })} />
  const google = params.get('google')
  return (
    <CardPage title="Sign in" testId="login">
      <AlreadyIn />
      {google && <ProblemNote>{wordsOfGoogle(google)}</ProblemNote>}
      <PasswordForm />
      {methods.mail && (
        <p className={css.more}>
          <Link to="/forgot" data-testid="forgot">
            Forgot your password?
          </Link>
        </p>
      )}
      {(methods.mail || methods.google) && (
        <div className={css.ways}>
          {methods.mail && (
            <Button component={Link} to="/mail" variant="default" size="md" data-testid="by-mail">
              Send me a link by mail
            </Button>
          )}
          {methods.google && (
            <Button component="a" href="/v1/auth/google" variant="default" size="md" data-testid="by-google">
              Continue with Google
            </Button>
          )}
        </div>
      )}
      <h2 className={css.subtitle}>Or from the chat</h2>
      <ol className={css.steps}>
        <li>
          Send <code>/console</code> to the Muster bot in your chat.
        </li>
        <li>Open the link it answers with.</li>
      </ol>
      <CodeForm label="Or paste the code" button="Continue" onCode={(typed) => setParams({ code: typed })} />
      {methods.access === 'open' && (
        <p className={css.more}>
          New here?{' '}
          <Link to="/register" data-testid="register-link">
            Make an account
          </Link>
        </p>
      )}
    </CardPage>
  )
}

/** How it went with Google, by the code in the address: what else stands there is never shown. */
function wordsOfGoogle(code: string): string {
  if (code === 'forbidden') return 'No account here knows this Google account. Ask for an invitation.'
  if (code === 'conflict') return 'This Google account belongs to somebody else here, or the sign-in was used already.'
  if (code === 'busy') return 'Google cannot be reached right now. Try again soon.'
  return 'The sign-in with Google was not completed. Try again.'
}

/** The link alone changes nothing: mail and chat programs open links to look at them. Only the button signs in. */
function WithCode({ code, onOther }: { code: string; onOther: () => void }) {
  const enter = useEnter()
  const link = useMutation({
    mutationFn: () => call('POST', '/v1/auth/link', { body: { code } }),
    onSuccess: enter,
  })
  if (isFinal(link.error)) {
    return (
      <CardPage title="This link does not work any more" testId="login-refused">
        <ProblemNote>{sentenceOf(link.error)}</ProblemNote>
        <p className={css.lead}>
          Links work once and for a short time. Send <code>/console</code> to the bot for a new one.
        </p>
        <Button fullWidth size="md" variant="default" onClick={onOther}>
          Enter another code
        </Button>
      </CardPage>
    )
  }
  return (
    <CardPage title="Welcome to Muster" testId="login">
      {link.isError && <ProblemNote>{sentenceOf(link.error)}</ProblemNote>}
      <p className={css.lead}>One press and you are in. This browser then stays signed in.</p>
      <Button
        fullWidth
        size="md"
        onClick={() => link.mutate()}
        loading={link.isPending}
        autoFocus
        data-testid="sign-in"
      >
        Sign in
      </Button>
    </CardPage>
  )
}

/** Trying again will not help. */
export const isFinal = (error: unknown): boolean =>
  error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429

function AlreadyIn() {
  const me = useMe()
  if (!me.data || me.isError) return null
  return (
    <p className={css.lead}>
      You are signed in as {me.data.displayName}. <Link to="/">Go to Muster</Link>
    </p>
  )
}
