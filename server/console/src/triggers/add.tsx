import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { type FormEvent, useState } from 'react'
import { ApiError, sentenceOf } from '../api/client.ts'
import { useSession } from '../app/session.ts'
import css from '../app/settings.module.css'
import { CodePart } from '../chat/parts/code.tsx'
import { ProblemNote } from '../pages/card.tsx'
import { type NewTrigger, useAdd, usePreview } from './api.ts'
import { Secret } from './secret.tsx'
import { useTargets } from './targets.ts'

const SCHEMES = [
  { value: 'github', label: 'GitHub' },
  { value: 'stripe', label: 'Stripe, and whoever signs like it' },
  { value: 'standard_webhooks', label: 'Standard Webhooks' },
  { value: 'bearer', label: 'A secret in a header' },
]
const EMPTY = { name: '', jobId: '', scheme: 'github', mapping: '{}', example: '{}', budgetUsd: '' }
type Typed = typeof EMPTY
/** Long enough that nobody is told of half a word. */
const TYPING_MS = 400

/** Makes an address. What its mapping gives shows while it is typed; its secret shows once. */
export function AddTrigger() {
  const [typed, setTyped] = useState(EMPTY)
  const add = useAdd()
  const targets = useTargets(useSession().context)
  const mapping = readJson(typed.mapping)
  const example = readJson(typed.example)
  const problems = add.error instanceof ApiError ? add.error.problems : []
  const problemAt = (path: string): string | undefined => problems.find((one) => one.path.startsWith(path))?.message
  const field = (name: keyof Typed) => ({
    name,
    value: typed[name],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setTyped((before) => ({ ...before, [name]: value })),
    'data-testid': `trigger-${name}`,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (mapping === undefined || example === undefined) return
    const { name, jobId, scheme, budgetUsd } = typed
    const budget = budgetUsd.trim().replace(/^\$/, '')
    const body: NewTrigger = { name, jobId, scheme, mapping, example: { body: example } }
    add.mutate(budget === '' ? body : { ...body, budgetUsd: budget }, { onSuccess: () => setTyped(EMPTY) })
  }
  return (
    <form className={css.form} onSubmit={submit} aria-labelledby="trigger-title" data-testid="trigger-add">
      <h2 id="trigger-title" className={css.subtitle}>
        Make a trigger
      </h2>
      {add.isError && <ProblemNote>{sentenceOf(add.error)}</ProblemNote>}
      {add.data && <Secret trigger={add.data} />}
      <div className={css.fields}>
        <TextInput
          label="Name"
          required
          maxLength={80}
          autoComplete="off"
          error={problemAt('name')}
          {...field('name')}
        />
        <NativeSelect
          label="Job"
          description="What each request starts: a job, or a tool by itself"
          required
          disabled={targets.isPending}
          error={targets.isError ? sentenceOf(targets.error) : problemAt('jobId')}
          data={[{ value: '', label: targets.isPending ? 'One moment…' : 'Choose one' }, ...(targets.data ?? [])]}
          {...field('jobId')}
        />
        <NativeSelect label="Who sends" data={SCHEMES} {...field('scheme')} />
        <TextInput
          label="Budget in USD"
          description="For all its runs together; empty for none"
          inputMode="decimal"
          autoComplete="off"
          error={problemAt('budgetUsd')}
          {...field('budgetUsd')}
        />
        <Textarea
          label="Mapping"
          description={'From inputs to what comes: {"title": {"body": "release.name"}}'}
          autosize
          minRows={4}
          spellCheck={false}
          error={mapping === undefined ? 'is not JSON yet' : problemAt('mapping')}
          {...field('mapping')}
        />
        <Textarea
          label="An example of a body"
          description="As the other side sends it, to try the mapping with"
          autosize
          minRows={4}
          spellCheck={false}
          error={example === undefined ? 'is not JSON yet' : undefined}
          {...field('example')}
        />
      </div>
      <LivePreview jobId={typed.jobId} mapping={mapping} example={example} />
      <div>
        <Button type="submit" loading={add.isPending} data-testid="trigger-save">
          Make it
        </Button>
      </div>
    </form>
  )
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text.trim() === '' ? '{}' : text)
  } catch {
    return undefined
  }
}

interface Tried {
  jobId: string
  mapping: unknown
  example: unknown
}

/** What the job would be given, said to screen readers as well. */
function LivePreview({ jobId, mapping, example }: Tried) {
  const [tried] = useDebouncedValue(JSON.stringify({ jobId, mapping, example: { body: example } }), TYPING_MS)
  const isWhole = jobId !== '' && mapping !== undefined && example !== undefined
  const preview = usePreview(JSON.parse(tried), isWhole)
  if (!isWhole) return null
  const problems = preview.isError
    ? [sentenceOf(preview.error)]
    : (preview.data?.problems ?? []).map(({ path, message }) => `${path} ${message}`.trim())
  const fits = preview.data?.fits === true && !preview.isError
  return (
    <div role="status" data-testid="trigger-preview">
      {problems.map((problem) => (
        <p key={problem} className={css.bad}>
          {problem}
        </p>
      ))}
      {fits && <p className={css.good}>It fits. A run costs ${preview.data?.maxUsd} at most.</p>}
      {preview.data && !preview.isError && (
        <CodePart text={JSON.stringify(preview.data.inputs, null, 2)} language="What the job is given" />
      )}
    </div>
  )
}
