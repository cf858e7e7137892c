import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useSearchParams } from 'react-router'
import { call, problemAt, sentenceOf } from '../api/client.ts'
import { useMethods } from '../api/methods.ts'
import css from './card.module.css'
import { CardPage, ProblemNote } from './card.tsx'
import { useEnter } from './enter.ts'
import { suggestHandle } from './handle.ts'
import { Back } from './mail.tsx'
import { NewPassword } from './new-password.tsx'

/** Makes an account with a password: where everybody may, or with an invitation. */
export default function RegisterPage() {
  const [params] = useSearchParams()
  const methods = useMethods()
  const invitation = params.get('invitation') ?? ''
  const [displayName, setDisplayName] = useState('')
  const [ownHandle, setOwnHandle] = useState<string>()
  const [email, setEmail] = useState('')
  const [typed, setTyped] = useState(invitation)
  const [password, setPassword] = useState('')
  const enter = useEnter()
  const handle = ownHandle ?? suggestHandle(displayName)
  const register = useMutation({
    mutationFn: () =>
      call('POST', '/v1/auth/register', {
        body: {
          handle,
          password,
          ...(displayName.trim() ? { displayName: displayName.trim() } : {}),
          ...(email.trim() ? { email: email.trim() } : {}),
          ...(typed.trim() ? { invitation: typed.trim() } : {}),
        },
      }),
    onSuccess: enter,
  })
  const at = (path: string): string | undefined => problemAt(register.error, path)
  const isGeneral = register.isError && !['handle', 'displayName', 'email', 'password'].some(at)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    register.mutate()
  }
  return (
    <CardPage title="Make an account" testId="register">
      {isGeneral && <ProblemNote>{sentenceOf(register.error)}</ProblemNote>}
      <form className={css.form} onSubmit={submit}>
        <TextInput
          label="Your name"
          description="As others know you"
          required
          withAsterisk={false}
          value={displayName}
          onChange={(event) => setDisplayName(event.currentTarget.value)}
          error={at('displayName')}
          autoComplete="name"
          maxLength={80}
          size="md"
          data-testid="display-name"
        />
        <TextInput
          label="Handle"
          description="Short and unique; others mention you by it"
          leftSection="@"
          required
          withAsterisk={false}
          value={handle}
          onChange={(event) => setOwnHandle(event.currentTarget.value.toLowerCase())}
          error={at('handle')}
          autoComplete="username"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={32}
          size="md"
          data-testid="handle"
        />
        {methods.mail && (
          <TextInput
            label="E-mail"
            type="email"
            description="If you like: to sign in with, once you have confirmed it"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            error={at('email')}
            autoComplete="email"
            size="md"
            data-testid="email"
          />
        )}
        {(methods.access === 'invite' || invitation) && (
          <TextInput
            label="Code of your invitation"
            required
            withAsterisk={false}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="one-time-code"
            autoCapitalize="off"
            spellCheck={false}
            size="md"
            data-testid="invitation"
          />
        )}
        <NewPassword value={password} onChange={setPassword} error={at('password')} />
        <Button type="submit" size="md" loading={register.isPending} data-testid="register-submit">
          Make it
        </Button>
      </form>
      <Back />
    </CardPage>
  )
}
