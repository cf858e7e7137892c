import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { ApiError, sentenceOf } from '../api/client.ts'
import css from '../app/settings.module.css'
import { ProblemNote } from '../pages/card.tsx'
import type { Policy, useSavePolicy } from './api.ts'
import { documentOf, type Typed, typedOf } from './document.ts'
import { usePricedModels } from './names.ts'
import own from './policy.module.css'

/** Changes the context's own policy. What is left open comes from the instance. How saving went outlives what was typed. */
export function EditPolicy({ policy, save }: { policy: Policy; save: ReturnType<typeof useSavePolicy> }) {
  const { document, version } = policy.own
  const [typed, setTyped] = useState(() => typedOf(document))
  const [text, setText] = useState<string>()
  const models = usePricedModels()
  const problems = save.error instanceof ApiError ? save.error.problems : []
  const read = text === undefined ? documentOf(document, typed) : readJson(text)
  const field = (name: keyof Typed) => ({
    value: typed[name],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setTyped((before) => ({ ...before, [name]: value })),
    error: problems.find(({ path }) => path.startsWith(`document.${PATHS[name]}`))?.message,
    'data-testid': `policy-${name}`,
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (read !== undefined) save.mutate({ document: read, version })
  }
  const named = new Set([...(typed.model === '' ? [] : [typed.model]), ...(models.data ?? [])])
  return (
    <form className={css.form} onSubmit={submit} aria-labelledby="policy-edit" data-testid="policy-edit">
      <h2 id="policy-edit" className={css.subtitle}>
        Change the policy
      </h2>
      {save.isError && <ProblemNote>{sentenceOf(save.error)}</ProblemNote>}
      {save.isSuccess && (
        <p className={css.good} role="status" data-testid="policy-saved">
          Saved. Runs that are started from now on go by it.
        </p>
      )}
      {text === undefined ? (
        <div className={css.fields}>
          <NativeSelect
            label="Model"
            description="What everybody gets"
            data={[{ value: '', label: 'leave it open' }, ...named]}
            {...field('model')}
          />
          <NativeSelect
            label="Effort"
            description="How hard it thinks; only with a model"
            data={[{ value: '', label: 'as usual' }, 'low', 'medium', 'high']}
            {...field('effort')}
          />
          <TextInput
            label="Most tokens of an answer"
            description="Nobody gets more; empty for no limit"
            inputMode="numeric"
            autoComplete="off"
            {...field('mostTokens')}
          />
          <NativeSelect label="What is not allowed" data={DISALLOWED} {...field('onDisallowed')} />
          <NativeSelect label="With no connection" data={NO_CONNECTION} {...field('onNoConnection')} />
          <NativeSelect label="The mock" description="Answers in place of models" data={MOCK} {...field('mock')} />
          {(['allowed', 'fallbacks', 'cheaper'] as const).map((name) => (
            <Textarea key={name} autosize minRows={2} spellCheck={false} {...LISTS[name]} {...field(name)} />
          ))}
        </div>
      ) : (
        <Textarea
          className={own.document ?? ''}
          label="The whole document"
          description="With overrides for jobs, agents and tools"
          autosize
          minRows={8}
          spellCheck={false}
          value={text}
          error={read === undefined ? 'is not JSON yet' : problems[0]?.message}
          onChange={({ currentTarget: { value } }) => setText(value)}
          data-testid="policy-document"
        />
      )}
      <div className={css.actions}>
        <Button type="submit" loading={save.isPending} disabled={read === undefined} data-testid="policy-save">
          Save
        </Button>
        <Button
          variant="default"
          onClick={() => {
            if (text === undefined) setText(JSON.stringify(read, null, 2))
            else if (read !== undefined) {
              setTyped(typedOf(read))
              setText(undefined)
            }
          }}
          data-testid="policy-as-document"
        >
          {text === undefined ? 'As a document' : 'As fields'}
        </Button>
      </div>
    </form>
  )
}

const OPEN = { value: '', label: 'leave it to the instance' }
const DISALLOWED = [OPEN, { value: 'refuse', label: 'is refused' }, { value: 'clamp', label: 'the nearest answers' }]
const NO_CONNECTION = [
  OPEN,
  { value: 'fallback', label: 'what stands in for it' },
  { value: 'refuse', label: 'nothing runs' },
  { value: 'mock', label: 'the mock' },
]
const MOCK = [OPEN, { value: 'on', label: 'on' }, { value: 'off', label: 'off' }]
const LISTS = {
  allowed: { label: 'Allowed', description: 'One a line: provider/model, provider/* or *; empty leaves it open' },
  fallbacks: { label: 'Where it cannot be reached', description: 'Models or connections, one a line, in order' },
  cheaper: { label: 'When a budget runs low', description: 'Models from dear to cheap, one a line' },
}
/** Where a field stands in the document. */
const PATHS: Record<keyof Typed, string> = {
  model: 'default',
  effort: 'default.effort',
  mostTokens: 'most',
  onDisallowed: 'onDisallowed',
  onNoConnection: 'onNoConnection',
  mock: 'mock',
  allowed: 'allowed',
  fallbacks: 'fallbacks',
  cheaper: 'cheaper',
}

function readJson(text: string): Policy['own']['document'] | undefined {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
