import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link, useSearchParams } from 'react-router'
import { ApiError, call, sentenceOf } from '../api/client.ts'
import { useMe } from '../api/queries.ts'
import css from './card.module.css'
import { CardPage, ProblemNote } from './card.tsx'
import { CodeForm } from './code-form.tsx'
import { useEnter } from './enter.ts'

/** Signs in with a one-time link from the chat, or says how to get one. */
export default function LoginPage() {
  const [params, setParams] = useSearchParams()
  const code = params.get('code')
  if (code) return <WithCode key={code} code={code} onOther={() => setParams({}, { replace: true })} />
  return (
    <CardPage title="Sign in" testId="login">
      <AlreadyIn />
      <ol className={css.steps}>
        <li>
          Send <code>/console</code> to the Muster bot in your chat.
        </li>
        <li>Open the link it answers with.</li>
      </ol>
      <CodeForm label="Or paste the code" button="Continue" onCode={(typed) => setParams({ code: typed })} />
    </CardPage>
  )
}

/** The link alone changes nothing: mail and chat programs open links to look at them. Only the button signs in. */
function WithCode({ code, onOther }: { code: string; onOther: () => void }) {
  const enter = useEnter()
  const link = useMutation({
    mutationFn: () => call('POST', '/v1/auth/link', { body: { code } }),
    onSuccess: enter,
  })
  const isFinal =
    link.error instanceof ApiError && link.error.status >= 400 && link.error.status < 500 && link.error.status !== 429
  if (isFinal) {
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

function AlreadyIn() {
  const me = useMe()
  if (!me.data || me.isError) return null
  return (
    <p className={css.lead}>
      You are signed in as {me.data.displayName}. <Link to="/">Go to Muster</Link>
    </p>
  )
}
