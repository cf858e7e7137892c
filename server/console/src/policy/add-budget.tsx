import { Button, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { ApiError, sentenceOf } from '../api/client.ts'
import { useSession } from '../app/session.ts'
import css from '../app/settings.module.css'
import { ProblemNote } from '../pages/card.tsx'
import { useAddBudget } from './api.ts'
import { useNames } from './names.ts'
import { STOPS } from './stops.ts'

const EMPTY = { kind: 'team', name: '', period: 'month', limitUsd: '', warnPercent: '80', stop: 'stop' }
type Typed = typeof EMPTY

const KINDS = [
  { value: 'team', label: 'everything here' },
  { value: 'run', label: 'each run' },
  { value: 'job', label: 'a job' },
  { value: 'agent', label: 'an agent' },
  { value: 'schedule', label: 'a schedule' },
  { value: 'provider', label: 'a provider of models' },
  { value: 'person', label: 'a person' },
]
const PERIODS = [
  { value: 'day', label: 'a day (UTC)' },
  { value: 'month', label: 'a month (UTC)' },
]
const EACH_RUN = { value: 'run', label: 'each run' }

/** Sets a budget. What there is one of in the context is chosen, not typed. */
export function AddBudget() {
  const [typed, setTyped] = useState(EMPTY)
  const add = useAddBudget()
  const names = useNames(useSession().context, typed.kind)
  const problems = add.error instanceof ApiError ? add.error.problems : []
  const isWhole = typed.kind === 'team' || typed.kind === 'run'
  const field = (name: keyof Typed) => ({
    value: typed[name],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setTyped((before) => (name === 'kind' ? ofKind(before, value) : { ...before, [name]: value })),
    error: problems.find(({ path }) => path === (name === 'name' ? 'of' : name))?.message,
    'data-testid': `budget-${name}`,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const { kind, name, period, limitUsd, warnPercent, stop } = typed
    const terms = {
      limitUsd: limitUsd.trim().replace(/^\$/, ''),
      warnPercent: Number(warnPercent),
      stop: stop === 'stop',
    }
    add.mutate(
      { of: isWhole ? kind : `${kind}:${name.trim()}`, period, ...terms },
      { onSuccess: () => setTyped(EMPTY) },
    )
  }
  return (
    <form className={css.form} onSubmit={submit} aria-labelledby="budget-add" data-testid="budget-add">
      <h2 id="budget-add" className={css.subtitle}>
        Set a budget
      </h2>
      {add.isError && <ProblemNote>{sentenceOf(add.error)}</ProblemNote>}
      <div className={css.fields}>
        <NativeSelect label="Of" data={KINDS} {...field('kind')} />
        {typed.kind === 'person' && (
          <TextInput
            label="Who"
            description="Their handle, like @ada"
            required
            autoCapitalize="off"
            autoComplete="off"
            spellCheck={false}
            {...field('name')}
          />
        )}
        {!isWhole && typed.kind !== 'person' && (
          <NativeSelect
            label="Which"
            required
            disabled={names.isPending}
            data={[{ value: '', label: names.isPending ? 'One moment…' : 'Choose one' }, ...(names.data ?? [])]}
            {...field('name')}
          />
        )}
        <NativeSelect
          label="For"
          data={typed.kind === 'run' ? [EACH_RUN] : isWhole ? PERIODS : [...PERIODS, EACH_RUN]}
          {...field('period')}
        />
        <TextInput label="Limit in USD" required inputMode="decimal" autoComplete="off" {...field('limitUsd')} />
        <TextInput label="Warns at, in %" required inputMode="numeric" autoComplete="off" {...field('warnPercent')} />
        <NativeSelect label="At the limit" data={STOPS} {...field('stop')} />
      </div>
      <div>
        <Button type="submit" loading={add.isPending} data-testid="budget-save">
          Set it
        </Button>
      </div>
    </form>
  )
}

/** Each run has no other period, and all of a team's no run. */
function ofKind(before: Typed, kind: string): Typed {
  const period = kind === 'run' ? 'run' : before.period === 'run' && kind === 'team' ? 'month' : before.period
  return { ...before, kind, name: '', period: kind !== 'run' && before.kind === 'run' ? 'month' : period }
}
