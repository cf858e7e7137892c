import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Link } from 'react-router'
import { call, sentenceOf } from '../api/client.ts'
import css from './card.module.css'
import { CardPage, ProblemNote } from './card.tsx'

/** Has a link sent that signs in. */
export default function MailPage() {
  return (
    <AskForMail
      title="A link by mail"
      path="/v1/auth/magic-link"
      lead="We send you a link that signs you in. It works once, for ten minutes."
      testId="mail"
    />
  )
}

interface Props {
  title: string
  path: '/v1/auth/magic-link' | '/v1/auth/password/forgot'
  lead: string
  testId: string
}

/** Says the same whether the address is known: nobody learns here who has an account. */
export function AskForMail({ title, path, lead, testId }: Props) {
  const [email, setEmail] = useState('')
  const ask = useMutation({
    mutationFn: () => call<{ sentTo: string }>('POST', path, { body: { email: email.trim() } }),
  })
  if (ask.isSuccess) {
    return (
      <CardPage title="Look into your mail" testId={`${testId}-sent`}>
        <p className={css.lead} role="status">
          If {ask.data.sentTo} belongs to an account here, a mail is on its way. Nothing there in a few minutes? Look
          among the unwanted ones, then ask again.
        </p>
        <div className={css.ways}>
          <Button variant="default" size="md" onClick={() => ask.reset()}>
            Ask again
          </Button>
        </div>
        <Back />
      </CardPage>
    )
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (email.trim()) ask.mutate()
  }
  return (
    <CardPage title={title} testId={testId}>
      <p className={css.lead}>{lead}</p>
      {ask.isError && <ProblemNote>{sentenceOf(ask.error)}</ProblemNote>}
      <form className={css.form} onSubmit={submit}>
        <TextInput
          label="E-mail"
          type="email"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          autoComplete="email"
          size="md"
          autoFocus
          data-testid="email"
        />
        <Button type="submit" size="md" loading={ask.isPending} data-testid="mail-submit">
          Send it
        </Button>
      </form>
      <Back />
    </CardPage>
  )
}

export function Back() {
  return (
    <p className={css.more}>
      <Link to="/login">Back to signing in</Link>
    </p>
  )
}
