import { Button, Skeleton } from '@mantine/core'
import { sentenceOf } from '../api/client.ts'
import { useSession } from '../app/session.ts'
import css from '../app/settings.module.css'
import { AddTrigger } from '../triggers/add.tsx'
import { useTriggers } from '../triggers/api.ts'
import { TriggerItem } from '../triggers/item.tsx'
import { ProblemNote } from './card.tsx'

/** Addresses to which other systems send what has happened. */
export default function TriggersPage() {
  const { context, teams } = useSession()
  const role = context.type === 'user' ? 'owner' : teams.find(({ id }) => id === context.id)?.role
  const mayAdd = role === 'owner' || role === 'admin'
  return (
    <div className={css.page} data-testid="triggers">
      <div>
        <h1 className={css.title}>Triggers</h1>
        <p className={css.lead}>
          Addresses at which other systems start jobs for {context.type === 'team' ? `team ${context.name}` : 'you'}.
          Each request is signed, starts one run, and is kept here with what became of it.
        </p>
      </div>
      <List />
      {mayAdd ? <AddTrigger key={context.id} /> : <p className={css.lead}>Admins of the team make triggers.</p>}
    </div>
  )
}

function List() {
  const triggers = useTriggers(useSession().context)
  if (triggers.isPending) return <Skeleton height={110} data-testid="triggers-loading" />
  if (triggers.isError) {
    return (
      <div>
        <ProblemNote>{sentenceOf(triggers.error)}</ProblemNote>
        <Button variant="default" onClick={() => triggers.refetch()} loading={triggers.isFetching}>
          Try again
        </Button>
      </div>
    )
  }
  if (triggers.data.length === 0) return <div className={css.empty}>Nothing from outside starts anything yet.</div>
  return (
    <ul className={css.list}>
      {triggers.data.map((trigger) => (
        <TriggerItem key={trigger.id} trigger={trigger} />
      ))}
    </ul>
  )
}
