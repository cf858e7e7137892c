import type { Run } from '../api/types.ts'
import { useSession } from '../app/session.ts'
import { formatDuration, formatUsd } from '../format.ts'
import { Moment } from './moment.tsx'
import css from './runs.module.css'
import { isLive } from './status.tsx'

/** Who pays what, and when it was. */
export function Facts({ run }: { run: Run }) {
  const { teams } = useSession()
  const { context, startedAt, finishedAt } = run
  const team = teams.find(({ id }) => id === context.id)
  const payer = context.type === 'user' ? 'Personal' : `Team ${team?.name ?? ''}`.trim()
  const tookMs = startedAt && finishedAt ? Date.parse(finishedAt) - Date.parse(startedAt) : undefined
  return (
    <dl className={css.facts} data-testid="run-facts">
      <Fact name="Pays">{payer}</Fact>
      <Fact name="Estimate">{formatUsd(run.estimateUsd)}</Fact>
      <Fact name="At most">{formatUsd(run.maxUsd)}</Fact>
      <Fact name={isLive(run.status) ? 'Cost so far' : 'Cost'}>{formatUsd(run.costUsd)}</Fact>
      <Fact name="Asked for">
        <Moment at={run.createdAt} />
      </Fact>
      {startedAt && !finishedAt && (
        <Fact name="Began">
          <Moment at={startedAt} />
        </Fact>
      )}
      {finishedAt && (
        <Fact name="Ended">
          <Moment at={finishedAt} />
        </Fact>
      )}
      {tookMs !== undefined && <Fact name="Took">{formatDuration(tookMs)}</Fact>}
    </dl>
  )
}

const Fact = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)
