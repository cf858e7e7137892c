import '@mantine/core/styles/Code.layer.css'
import { Button, Code, NativeSelect, Skeleton, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { sentenceOf } from '../api/client.ts'
import css from '../app/settings.module.css'
import { formatMoment } from '../format.ts'
import { ProblemNote } from '../pages/card.tsx'
import { type ApiKey, useKeys, useMakeKey, useRevokeKey } from './api.ts'

const MAY = [
  { value: 'read', label: 'only look' },
  { value: 'write', label: 'look and change' },
  { value: 'admin', label: 'everything that you may' },
]

/** Keys for programs. Each is shown once, when it is made. */
export function Keys() {
  const keys = useKeys()
  const revoke = useRevokeKey()
  const good = keys.data?.filter(({ revokedAt }) => revokedAt === null) ?? []
  const failed = keys.error ?? revoke.error
  return (
    <section className={css.form} aria-labelledby="keys-title" data-testid="account-keys">
      <div>
        <h2 id="keys-title" className={css.subtitle}>
          API keys
        </h2>
        <p className={css.lead}>For programs that work in your name.</p>
      </div>
      {failed && <ProblemNote>{sentenceOf(failed)}</ProblemNote>}
      {keys.isPending && <Skeleton height={60} />}
      {keys.isSuccess && good.length === 0 && <p className={css.muted}>You have none.</p>}
      <ul className={css.rows}>
        {good.map((key) => (
          <li key={key.id} className={css.row} data-testid="api-key">
            <div>
              <div className={css.name}>{key.name}</div>
              <div className={css.muted}>
                Ends in {key.hint} · may {mayOf(key)} · {lifeOf(key)}
              </div>
            </div>
            <Button
              size="xs"
              variant="default"
              loading={revoke.isPending && revoke.variables === key.id}
              onClick={() => revoke.mutate(key.id)}
              aria-label={`Revoke ${key.name}`}
              data-testid="key-revoke"
            >
              Revoke
            </Button>
          </li>
        ))}
      </ul>
      <MakeKey />
    </section>
  )
}

const mayOf = ({ scopes }: ApiKey): string =>
  MAY.find(({ value }) => value === scopes.at(-1))?.label ?? 'do everything that you may'

const lifeOf = ({ lastUsedAt, expiresAt }: ApiKey): string =>
  `${lastUsedAt ? `used ${formatMoment(lastUsedAt)}` : 'never used'}${expiresAt ? ` · until ${formatMoment(expiresAt)}` : ''}`

function MakeKey() {
  const [name, setName] = useState('')
  const [may, setMay] = useState('write')
  const make = useMakeKey()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    make.mutate({ name: name.trim(), scopes: [may] }, { onSuccess: () => setName('') })
  }
  return (
    <form className={css.stack} onSubmit={submit}>
      {make.isError && <ProblemNote>{sentenceOf(make.error)}</ProblemNote>}
      <div className={css.fields}>
        <TextInput
          label="What a new one is for"
          required
          withAsterisk={false}
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-testid="key-name"
        />
        <NativeSelect
          label="It may"
          data={MAY}
          value={may}
          onChange={(event) => setMay(event.currentTarget.value)}
          data-testid="key-may"
        />
      </div>
      <div>
        <Button type="submit" variant="default" loading={make.isPending} data-testid="key-make">
          Make a key
        </Button>
      </div>
      {make.isSuccess && (
        <div role="status">
          <p className={css.lead}>Copy it now: it is shown this once.</p>
          <Code block className={css.secret ?? ''} data-testid="key-shown">
            {make.data.key}
          </Code>
        </div>
      )}
    </form>
  )
}
