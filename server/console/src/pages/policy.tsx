import { Button, Skeleton } from '@mantine/core'
import { sentenceOf } from '../api/client.ts'
import { useSession } from '../app/session.ts'
import css from '../app/settings.module.css'
import { AddBudget } from '../policy/add-budget.tsx'
import { type Policy, useBudgets, usePolicy, useSavePolicy } from '../policy/api.ts'
import { BudgetItem } from '../policy/budget-item.tsx'
import { EditPolicy } from '../policy/edit.tsx'
import { Effective } from '../policy/effective.tsx'
import { Explain } from '../policy/explain.tsx'
import { ProblemNote } from './card.tsx'

/** Which models a context asks and what they may cost. */
export default function PolicyPage() {
  const { context } = useSession()
  const policy = usePolicy(context)
  return (
    <div className={css.page} data-testid="policy">
      <div>
        <h1 className={css.title}>Policies and budgets</h1>
        <p className={css.lead}>
          Which models answer {context.type === 'team' ? `in team ${context.name}` : 'you'}, and how much may be spent
          on what.
        </p>
      </div>
      {policy.isPending && <Skeleton height={220} data-testid="policy-loading" />}
      {policy.isError && <Failed error={policy.error} again={() => policy.refetch()} isBusy={policy.isFetching} />}
      {policy.data && <Whole policy={policy.data} />}
    </div>
  )
}

function Whole({ policy }: { policy: Policy }) {
  const { context } = useSession()
  const { mayChange, own } = policy
  const save = useSavePolicy()
  return (
    <>
      <Effective policy={policy} />
      <Explain key={context.id} />
      <Budgets mayChange={mayChange} />
      {mayChange ? (
        <>
          <AddBudget key={`budget-${context.id}`} />
          {/* Made anew for each version: what somebody else saved meanwhile is what is changed. */}
          <EditPolicy key={`${context.id}-${own.version}`} policy={policy} save={save} />
        </>
      ) : (
        <p className={css.lead}>Admins of the team change its policy and set its budgets.</p>
      )}
    </>
  )
}

function Budgets({ mayChange }: { mayChange: boolean }) {
  const budgets = useBudgets(useSession().context)
  return (
    <section className={css.stack} aria-labelledby="budgets">
      <h2 id="budgets" className={css.subtitle}>
        Budgets
      </h2>
      {budgets.isPending && <Skeleton height={110} data-testid="budgets-loading" />}
      {budgets.isError && <Failed error={budgets.error} again={() => budgets.refetch()} isBusy={budgets.isFetching} />}
      {budgets.data?.length === 0 && <div className={css.empty}>There is no budget here yet.</div>}
      {budgets.data && budgets.data.length > 0 && (
        <ul className={css.list}>
          {budgets.data.map((budget) => (
            <BudgetItem key={budget.id} budget={budget} mayChange={mayChange} />
          ))}
        </ul>
      )}
    </section>
  )
}

const Failed = ({ error, again, isBusy }: { error: Error; again: () => void; isBusy: boolean }) => (
  <div>
    <ProblemNote>{sentenceOf(error)}</ProblemNote>
    <Button variant="default" onClick={again} loading={isBusy}>
      Try again
    </Button>
  </div>
)
