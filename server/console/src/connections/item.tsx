import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { sentenceOf } from '../api/client.ts'
import css from '../app/settings.module.css'
import { formatFull } from '../format.ts'
import { type Connection, type TestResult, useRemove, useRotate, useTest } from './api.ts'
import { providerNamed } from './providers.ts'

/** One connection, and what may be done with it. */
export function ConnectionItem({ connection }: { connection: Connection }) {
  const { id, name, provider, owner, origin, baseUrl, hint, isReadable, lastTest, mayChange, mayTest } = connection
  const [open, setOpen] = useState<'rotate' | 'remove'>()
  const test = useTest(id)
  const remove = useRemove(id)
  const failed = test.error ?? remove.error
  return (
    <li className={css.item} data-testid={`connection:${name}`}>
      <div className={css.head}>
        <h3 className={css.name}>{name}</h3>
        <span className={css.muted}>
          {providerNamed(provider).label}
          {owner.type === 'instance' && ' · for everybody'}
          {origin === 'environment' && ', set by the operator'}
        </span>
      </div>
      <div className={css.muted}>
        {baseUrl}
        {hint && ` · key ends in ${hint}`}
      </div>
      <State isReadable={isReadable} result={test.data ?? lastTest} at={test.data ? undefined : lastTest?.at} />
      {failed && (
        <p className={css.bad} role="alert">
          {sentenceOf(failed)}
        </p>
      )}
      {mayTest && (
        <div className={css.actions}>
          <Button
            size="xs"
            variant="default"
            loading={test.isPending}
            onClick={() => test.mutate()}
            aria-label={`Test ${name}`}
            data-testid="connection-test"
          >
            Test
          </Button>
          {mayChange && (
            <>
              <Button
                size="xs"
                variant="default"
                aria-expanded={open === 'rotate'}
                onClick={() => setOpen(open === 'rotate' ? undefined : 'rotate')}
                aria-label={`New key for ${name}`}
                data-testid="connection-rotate"
              >
                New key
              </Button>
              {open === 'remove' ? (
                <>
                  <Button
                    size="xs"
                    color="red"
                    loading={remove.isPending}
                    onClick={() => remove.mutate()}
                    data-testid="connection-remove-really"
                  >
                    Delete {name} for good
                  </Button>
                  <Button size="xs" variant="default" onClick={() => setOpen(undefined)}>
                    Keep it
                  </Button>
                </>
              ) : (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => setOpen('remove')}
                  aria-label={`Delete ${name}`}
                  data-testid="connection-remove"
                >
                  Delete
                </Button>
              )}
            </>
          )}
        </div>
      )}
      {open === 'rotate' && <Rotate connection={connection} onDone={() => setOpen(undefined)} />}
    </li>
  )
}

interface StateProps {
  isReadable: boolean
  result: TestResult | null
  at: string | undefined
}

/** Said to screen readers as well when a test has ended. */
function State({ isReadable, result, at }: StateProps) {
  if (!isReadable)
    return <p className={css.bad}>Its key cannot be read with the keys of this instance. Enter it again.</p>
  const when = at ? ` · ${formatFull(at)}` : ''
  return (
    <p className={result ? (result.ok ? css.good : css.bad) : css.muted} role="status" data-testid="connection-state">
      {result
        ? result.ok
          ? `Works${result.version ? ` · ${result.version}` : ''}${when}`
          : `${result.error?.message ?? ''} (${result.error?.code ?? ''})${when}`
        : 'Not tested yet'}
    </p>
  )
}

function Rotate({ connection, onDone }: { connection: Connection; onDone: () => void }) {
  const [secret, setSecret] = useState('')
  const rotate = useRotate(connection.id)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    rotate.mutate(secret, { onSuccess: onDone })
  }
  return (
    <form className={css.rotate} onSubmit={submit}>
      <TextInput
        label={`New key for ${connection.name}`}
        type="password"
        required
        autoComplete="off"
        value={secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
        error={rotate.isError ? sentenceOf(rotate.error) : undefined}
        data-testid="connection-new-secret"
      />
      <Button type="submit" size="sm" loading={rotate.isPending} data-testid="connection-rotate-save">
        Replace
      </Button>
    </form>
  )
}
