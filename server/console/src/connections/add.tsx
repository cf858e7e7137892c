import { Button, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { ApiError, sentenceOf } from '../api/client.ts'
import { useSession } from '../app/session.ts'
import css from '../app/settings.module.css'
import { ProblemNote } from '../pages/card.tsx'
import { type NewConnection, useAdd } from './api.ts'
import { AUTHS, PROVIDERS, providerNamed } from './providers.ts'

const EMPTY = { name: '', provider: 'openai', secret: '', baseUrl: '', auth: 'bearer', detail: '', owner: 'context' }
type Typed = typeof EMPTY

/** Enters a key. It leaves this page once, and nothing shows it again. */
export function AddConnection() {
  const [typed, setTyped] = useState(EMPTY)
  const add = useAdd()
  const isAdmin = useSession().platformRole === 'admin'
  const provider = providerNamed(typed.provider)
  const problems = add.error instanceof ApiError ? add.error.problems : []
  const problemAt = (path: string): string | undefined => problems.find((one) => one.path === path)?.message
  const field = (name: keyof Typed) => ({
    name,
    value: typed[name],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setTyped((before) => ({ ...before, [name]: value })),
    'data-testid': `connection-${name}`,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    add.mutate(bodyOf(typed), { onSuccess: () => setTyped({ ...EMPTY, provider: typed.provider }) })
  }
  const detail = provider.hasUser || typed.auth === 'basic' ? 'User' : 'Its name'
  const hasDetail = provider.hasUser || (provider.hasAuth && typed.auth !== 'bearer')
  return (
    <form className={css.form} onSubmit={submit} aria-labelledby="connect-title" data-testid="connection-add">
      <h2 id="connect-title" className={css.subtitle}>
        Connect a service
      </h2>
      {add.isError && <ProblemNote>{sentenceOf(add.error)}</ProblemNote>}
      <div className={css.fields}>
        <NativeSelect
          label="Service"
          data={[...PROVIDERS].map(({ value, label }) => ({ value, label }))}
          {...field('provider')}
        />
        <TextInput
          label="Name"
          description="What endpoints call it: small letters, digits, - and _"
          required
          maxLength={48}
          autoCapitalize="off"
          autoComplete="off"
          spellCheck={false}
          error={problemAt('name')}
          {...field('name')}
        />
        {provider.address && (
          <TextInput
            label="Address"
            description="The key is sent there and nowhere else"
            required
            placeholder={`${provider.address}service.example`}
            autoComplete="off"
            spellCheck={false}
            error={problemAt('baseUrl')}
            {...field('baseUrl')}
          />
        )}
        {provider.hasAuth && <NativeSelect label="How the key is shown" data={AUTHS} {...field('auth')} />}
        {hasDetail && (
          <TextInput
            label={detail}
            required
            autoCapitalize="off"
            autoComplete="off"
            spellCheck={false}
            error={problemAt('auth.name') ?? problemAt('auth.user') ?? problemAt('auth')}
            {...field('detail')}
          />
        )}
        <TextInput
          label={provider.secret}
          type="password"
          description="Kept encrypted; only its last four characters are ever shown"
          required
          autoComplete="off"
          error={problemAt('secret')}
          {...field('secret')}
        />
        {isAdmin && (
          <NativeSelect
            label="For"
            data={[
              { value: 'context', label: 'this context' },
              { value: 'instance', label: 'everybody on this instance' },
            ]}
            {...field('owner')}
          />
        )}
      </div>
      <div>
        <Button type="submit" loading={add.isPending} data-testid="connection-save">
          Connect
        </Button>
      </div>
    </form>
  )
}

function bodyOf({ name, provider: value, secret, baseUrl, auth, detail, owner }: Typed): NewConnection {
  const provider = providerNamed(value)
  const type = provider.hasUser ? 'basic' : auth
  const more = type === 'basic' ? { user: detail } : type === 'bearer' ? {} : { name: detail }
  return {
    name: name.trim(),
    provider: value,
    secret,
    ...(provider.address ? { baseUrl: baseUrl.trim() } : {}),
    ...(provider.hasAuth || provider.hasUser ? { auth: { type, ...more } } : {}),
    ...(owner === 'instance' ? { owner } : {}),
  }
}
