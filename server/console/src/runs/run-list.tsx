import { Button, Skeleton } from '@mantine/core'
import { Link, useSearchParams } from 'react-router'
import { sentenceOf } from '../api/client.ts'
import type { RunSummary } from '../api/types.ts'
import { useSession } from '../app/session.ts'
import { formatUsd } from '../format.ts'
import { contextsOf, STATES } from './filters.ts'
import { Moment } from './moment.tsx'
import { useRuns } from './queries.ts'
import css from './runs.module.css'
import { isLive, RunBadge } from './status.tsx'
import { whoOf } from './who.ts'

/** The runs of one context, newest first. What is looked for stands in the address. */
export function RunList() {
  const me = useSession()
  const [params, setParams] = useSearchParams()
  const contexts = contextsOf(me)
  const context = contexts.find(({ key }) => key === params.get('context')) ?? contexts.find(({ isNow }) => isNow)
  const state = STATES.find(({ key }) => key === params.get('state')) ?? STATES[0]
  const choose = (name: string, value: string): void => {
    const next = new URLSearchParams(params)
    next.set(name, value)
    setParams(next, { replace: true })
  }
  return (
    <div className={css.page} data-testid="runs">
      <header className={css.head}>
        <h1>Runs</h1>
        <div className={css.filters}>
          <Choice
            label="Of"
            value={context?.key ?? ''}
            options={contexts}
            onChange={(value) => choose('context', value)}
            testId="runs-context"
          />
          <Choice
            label="State"
            value={state.key}
            options={STATES}
            onChange={(value) => choose('state', value)}
            testId="runs-state"
          />
        </div>
      </header>
      {context && <Found context={context} statuses={state.statuses} isFiltered={state.statuses !== ''} />}
    </div>
  )
}

interface ChoiceProps {
  label: string
  value: string
  options: readonly { key: string; label: string }[]
  onChange: (value: string) => void
  testId: string
}

/** The browser's own: phones and screen readers know it best. */
function Choice({ label, value, options, onChange, testId }: ChoiceProps) {
  return (
    <label className={css.choice}>
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)} data-testid={testId}>
        {options.map((option) => (
          <option key={option.key} value={option.key}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  )
}

interface FoundProps {
  context: { type: 'user' | 'team'; id: string; label: string }
  statuses: string
  isFiltered: boolean
}

function Found({ context, statuses, isFiltered }: FoundProps) {
  const runs = useRuns(context, statuses)
  if (runs.isPending) return <ListLoading />
  if (!runs.data) {
    return (
      <div className={css.again} role="alert" data-testid="runs-error">
        <p>{sentenceOf(runs.error)}</p>
        <Button onClick={() => runs.refetch()} loading={runs.isFetching}>
          Try again
        </Button>
      </div>
    )
  }
  const items = runs.data.pages.flatMap((page) => page.items)
  if (items.length === 0) {
    return (
      <div className={css.empty} data-testid="runs-empty">
        <p>{isFiltered ? 'No run is in that state.' : `${context.label} has not run anything yet.`}</p>
        <Link to="/chat">Start one in the chat</Link>
      </div>
    )
  }
  return (
    <>
      <ul className={css.list} data-testid="runs-list">
        {items.map((run) => (
          <Row key={run.id} run={run} />
        ))}
      </ul>
      {runs.isError && <p role="alert">{sentenceOf(runs.error)} What stands here may be old.</p>}
      {runs.hasNextPage && (
        <Button
          variant="default"
          onClick={() => runs.fetchNextPage()}
          loading={runs.isFetchingNextPage}
          data-testid="runs-older"
        >
          Older
        </Button>
      )}
    </>
  )
}

function Row({ run }: { run: RunSummary }) {
  const { accountId } = useSession()
  const { id, jobId, status, createdAt, costUsd, estimateUsd, initiator } = run
  return (
    <li>
      <Link to={`/runs/${id}`} className={css.row} data-testid="run-row">
        <span className={css.rowName}>{jobId}</span>
        <RunBadge status={status} />
        <span className={css.rowFacts}>
          <Moment at={createdAt} /> · {whoOf(initiator, accountId)}
        </span>
        <span className={css.rowCost}>{isLive(status) ? `≈ ${formatUsd(estimateUsd)}` : formatUsd(costUsd)}</span>
      </Link>
    </li>
  )
}

const ListLoading = () => (
  <div className={css.list} role="status" aria-label="Loading runs">
    {[0, 1, 2, 3].map((place) => (
      <Skeleton key={place} height={58} radius={0} />
    ))}
  </div>
)
