import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError, call, problemAt, sentenceOf } from '../api/client.ts'
import css from './card.module.css'
import { ProblemNote } from './card.tsx'
import { useEnter } from './enter.ts'
import { HANDLE, suggestHandle } from './handle.ts'
import { NewPassword } from './new-password.tsx'

interface Props {
  /** What the code is for: to set Muster up, or to join a team. */
  path: '/v1/auth/claim' | '/v1/auth/join'
  code: string
  button: string
  /** The code itself is refused: nothing typed here can help. */
  onRefused: (reason: string) => void
}

/** Name and handle of somebody who is new here; a code lets them in. */
export function ClaimForm({ path, code, button, onRefused }: Props) {
  const [displayName, setDisplayName] = useState('')
  const [ownHandle, setOwnHandle] = useState<string>()
  const [password, setPassword] = useState('')
  const [isChecked, setChecked] = useState(false)
  const enter = useEnter()
  const handle = ownHandle ?? (suggestHandle(displayName) || (path === '/v1/auth/claim' ? 'admin' : ''))
  const claim = useMutation({
    mutationFn: () =>
      call('POST', path, {
        body: { code, handle, displayName: displayName.trim(), ...(password ? { password } : {}) },
      }),
    onSuccess: enter,
    onError: (error) => {
      if (concernsCode(error)) onRefused(sentenceOf(error))
    },
  })
  const problems = {
    displayName: displayName.trim() ? undefined : 'Please enter your name.',
    handle: HANDLE.test(handle) ? undefined : 'Use 2 to 32 of: a–z, 0–9, _ and -.',
  }
  const shown = (field: keyof typeof problems): string | undefined =>
    (isChecked ? problems[field] : undefined) ?? problemAt(claim.error, field)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setChecked(true)
    if (!problems.displayName && !problems.handle) claim.mutate()
  }
  const isGeneral =
    claim.isError &&
    !problemAt(claim.error, 'displayName') &&
    !problemAt(claim.error, 'handle') &&
    !problemAt(claim.error, 'password')
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      {isGeneral && <ProblemNote>{sentenceOf(claim.error)}</ProblemNote>}
      <TextInput
        label="Your name"
        description="As your team knows you"
        value={displayName}
        onChange={(event) => setDisplayName(event.currentTarget.value)}
        error={shown('displayName')}
        autoComplete="name"
        maxLength={80}
        size="md"
        autoFocus
        data-testid="display-name"
      />
      <TextInput
        label="Handle"
        description="Short and unique; others mention you by it"
        leftSection="@"
        value={handle}
        onChange={(event) => setOwnHandle(event.currentTarget.value.toLowerCase())}
        error={shown('handle')}
        autoComplete="username"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={32}
        size="md"
        data-testid="handle"
      />
      {path === '/v1/auth/join' && (
        <NewPassword
          value={password}
          onChange={setPassword}
          error={problemAt(claim.error, 'password')}
          isRequired={false}
          hint="If you like: to come back without the chat"
        />
      )}
      <Button type="submit" size="md" mt={4} loading={claim.isPending} data-testid="claim-submit">
        {button}
      </Button>
    </form>
  )
}

/** Expired, used or unknown. A conflict may also be the handle, so it stays with the form. */
const concernsCode = (error: unknown): boolean =>
  error instanceof ApiError && ['expired', 'not_found', 'unauthorized', 'forbidden'].includes(error.code)
