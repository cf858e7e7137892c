import { Button, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { sentenceOf } from '../api/client.ts'
import css from '../app/settings.module.css'
import { formatFull, formatUsd, percentOf } from '../format.ts'
import { type Budget, useChangeBudget, useEndBudget } from './api.ts'
import own from './policy.module.css'
import { STOPS } from './stops.ts'

const LEVELS = { fine: undefined, low: 'It runs low.', exceeded: 'It is used up: nothing more is held under it.' }

/** One budget, how far it is used, and what may be done with it. */
export function BudgetItem({ budget, mayChange }: { budget: Budget; mayChange: boolean }) {
  const { id, title, of, period, limitUsd, usedUsd, warnPercent, stop, level, resetsAt } = budget
  const [open, setOpen] = useState<'change' | 'end'>()
  const end = useEndBudget(id)
  const name = title.replace(/^The /, 'the ')
  return (
    <li className={css.item} data-testid={`budget:${of}:${period}`}>
      <h3 className={css.name}>{title}</h3>
      {period === 'run' ? (
        <p className={css.muted}>{formatUsd(limitUsd)} for each run</p>
      ) : (
        <>
          <div className={own.bar} aria-hidden="true">
            <div style={{ width: `${percentOf(usedUsd, limitUsd)}%` }} data-level={level} />
          </div>
          <p className={css.muted} data-testid="budget-used">
            {formatUsd(usedUsd)} of {formatUsd(limitUsd)} used or held
            {resetsAt && ` · anew on ${formatFull(resetsAt)}`}
          </p>
        </>
      )}
      <p className={css.muted}>
        Warns at {warnPercent} % · {stop ? 'then stops at the limit' : 'and never stops anything'}
      </p>
      {LEVELS[level] && <p className={css.bad}>{LEVELS[level]}</p>}
      {end.isError && (
        <p className={css.bad} role="alert">
          {sentenceOf(end.error)}
        </p>
      )}
      {mayChange && (
        <div className={css.actions}>
          <Button
            size="xs"
            variant="default"
            aria-expanded={open === 'change'}
            aria-label={`Change ${name}`}
            onClick={() => setOpen(open === 'change' ? undefined : 'change')}
            data-testid="budget-change"
          >
            Change
          </Button>
          {open === 'end' ? (
            <>
              <Button
                size="xs"
                color="red"
                loading={end.isPending}
                onClick={() => end.mutate()}
                data-testid="budget-end"
              >
                End it for good
              </Button>
              <Button size="xs" variant="default" onClick={() => setOpen(undefined)}>
                Keep it
              </Button>
            </>
          ) : (
            <Button size="xs" variant="default" onClick={() => setOpen('end')} aria-label={`End ${name}`}>
              End
            </Button>
          )}
        </div>
      )}
      {open === 'change' && <Change budget={budget} onDone={() => setOpen(undefined)} />}
    </li>
  )
}

function Change({ budget, onDone }: { budget: Budget; onDone: () => void }) {
  const { id, limitUsd, warnPercent, stop, version } = budget
  const [typed, setTyped] = useState({ limitUsd, warnPercent: String(warnPercent), stop: stop ? 'stop' : 'warn' })
  const change = useChangeBudget(id)
  const field = (name: keyof typeof typed) => ({
    value: typed[name],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setTyped((before) => ({ ...before, [name]: value })),
    'data-testid': `budget-new-${name}`,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const limit = typed.limitUsd.trim().replace(/^\$/, '')
    const body = { limitUsd: limit, warnPercent: Number(typed.warnPercent), stop: typed.stop === 'stop', version }
    change.mutate(body, { onSuccess: onDone })
  }
  return (
    <form className={css.stack} onSubmit={submit}>
      {change.isError && (
        <p className={css.bad} role="alert">
          {sentenceOf(change.error)}
        </p>
      )}
      <div className={css.fields}>
        <TextInput label="Limit in USD" required inputMode="decimal" autoComplete="off" {...field('limitUsd')} />
        <TextInput label="Warns at, in %" required inputMode="numeric" autoComplete="off" {...field('warnPercent')} />
        <NativeSelect label="At the limit" data={STOPS} {...field('stop')} />
      </div>
      <div>
        <Button type="submit" size="sm" loading={change.isPending} data-testid="budget-change-save">
          Save
        </Button>
      </div>
    </form>
  )
}
