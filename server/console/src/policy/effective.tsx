import css from '../app/settings.module.css'
import type { Policy } from './api.ts'
import own from './policy.module.css'

/** What reigns in the context, in words, with where each part comes from. */
export function Effective({ policy }: { policy: Policy }) {
  const { effective, banner } = policy
  const from = (part: keyof Policy['own']['document']): string =>
    part in policy.own.document ? '' : part in policy.instance.document ? ' · from the instance' : ' · usual'
  const overridden = Object.entries(effective.overrides).flatMap(([kind, those]) =>
    Object.entries(those).map(([name, { model, effort, maxTokens }]) => {
      const what = [model, effort && `effort ${effort}`, maxTokens && `${maxTokens} tokens`].filter(Boolean).join(', ')
      return `${kind.replace(/s$/, '')} ${name}: ${what}`
    }),
  )
  const facts: [string, string][] = [
    ['Model', `${modelWords(effective.default)}${from('default')}`],
    [
      'Allowed',
      `${listed(effective.allowed.map((one) => (one === '*' ? 'whatever has a price' : one)))}${from('allowed')}`,
    ],
    ['In place of it', overridden.length === 0 ? 'nothing' : overridden.join('; ')],
    [
      'What is not allowed',
      `${effective.onDisallowed === 'clamp' ? 'the nearest answers' : 'is refused'}${from('onDisallowed')}`,
    ],
    ['Where it cannot be reached', `${listed(effective.fallbacks)}${from('fallbacks')}`],
    [
      'When a budget runs low',
      `${effective.cheaper.length === 0 ? 'half the length' : listed(effective.cheaper)}${from('cheaper')}`,
    ],
    ['Tools that may ask', `${effective.tools.allowed ? listed(effective.tools.allowed) : 'all'}${from('tools')}`],
    ['With no connection', `${NO_CONNECTION[effective.onNoConnection]}${from('onNoConnection')}`],
  ]
  return (
    <section className={css.item} aria-labelledby="reigns" data-testid="policy-effective">
      <h2 id="reigns" className={css.subtitle}>
        What reigns here
      </h2>
      {banner && (
        <p className={own.banner} role="status" data-testid="policy-banner">
          {banner}
        </p>
      )}
      <dl className={own.facts}>
        {facts.map(([label, value]) => (
          <Fact key={label} label={label} value={value} />
        ))}
      </dl>
    </section>
  )
}

const NO_CONNECTION = { fallback: 'what stands in for it, else the mock', refuse: 'nothing runs', mock: 'the mock' }

const Fact = ({ label, value }: { label: string; value: string }) => (
  <>
    <dt>{label}</dt>
    <dd>{value}</dd>
  </>
)

const listed = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '))

function modelWords(model: Policy['effective']['default']): string {
  if (!model) return 'a usual one of what is connected'
  const { effort, maxTokens } = model
  return [model.model, effort && `effort ${effort}`, maxTokens && `at most ${maxTokens} tokens`]
    .filter(Boolean)
    .join(', ')
}
