import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { sentenceOf } from '../api/client.ts'
import { useSession } from '../app/session.ts'
import css from '../app/settings.module.css'
import { type Explained, useExplained } from './api.ts'
import { useNames, usePricedModels } from './names.ts'

const CASES: Record<Explained['case'], string> = {
  team_default: 'the default',
  job_override: 'asked for, or given in place of the default',
  override_refused: 'not allowed',
  no_connection: 'no connection',
  budget: 'a budget',
  circuit_open: 'a connection that fails',
}

/** Which model something would get now, and why. Said to screen readers when it changes. */
export function Explain() {
  const { context } = useSession()
  const [asked, setAsked] = useState({ job: '', model: '' })
  const jobs = useNames(context, 'job')
  const models = usePricedModels()
  const explained = useExplained(context, asked)
  const field = (name: keyof typeof asked) => ({
    value: asked[name],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setAsked((before) => ({ ...before, [name]: value })),
    'data-testid': `explain-${name}`,
  })
  return (
    <section className={css.form} aria-labelledby="explain" data-testid="policy-explain">
      <h2 id="explain" className={css.subtitle}>
        Which model would answer now
      </h2>
      <div className={css.fields}>
        <NativeSelect
          label="For"
          data={[{ value: '', label: 'anything' }, ...(jobs.data ?? [])]}
          error={jobs.isError ? sentenceOf(jobs.error) : undefined}
          {...field('job')}
        />
        <NativeSelect
          label="If it asks for"
          data={[{ value: '', label: 'nothing in particular' }, ...(models.data ?? [])]}
          error={models.isError ? sentenceOf(models.error) : undefined}
          {...field('model')}
        />
      </div>
      <div role="status" data-testid="policy-explained">
        {explained.isError ? <p className={css.bad}>{sentenceOf(explained.error)}</p> : <Answer of={explained.data} />}
      </div>
    </section>
  )
}

function Answer({ of }: { of: Explained | undefined }) {
  if (!of) return <p className={css.muted}>One moment…</p>
  const { choice, explain } = of
  return (
    <>
      <p className={choice ? css.good : css.bad}>
        {choice ? `${choice.provider}/${choice.model}` : 'No model'}
        {choice && `, up to ${choice.maxTokens} tokens an answer`}
      </p>
      <p className={css.muted}>
        {explain} Decided by: {CASES[of.case]}.
      </p>
    </>
  )
}
