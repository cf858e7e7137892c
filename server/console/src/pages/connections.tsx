import { Button, Skeleton } from '@mantine/core'
import { sentenceOf } from '../api/client.ts'
import { useSession } from '../app/session.ts'
import css from '../app/settings.module.css'
import { AddConnection } from '../connections/add.tsx'
import { useConnections } from '../connections/api.ts'
import { ConnectionItem } from '../connections/item.tsx'
import { ProblemNote } from './card.tsx'

/** Keys of other services: entered here and tested, never shown. */
export default function ConnectionsPage() {
  const { context, teams } = useSession()
  const role = context.type === 'user' ? 'owner' : teams.find(({ id }) => id === context.id)?.role
  const mayAdd = role === 'owner' || role === 'admin'
  return (
    <div className={css.page} data-testid="connections">
      <div>
        <h1 className={css.title}>Connections</h1>
        <p className={css.lead}>
          Services that {context.type === 'team' ? `team ${context.name}` : 'you'} can use. Endpoints and providers name
          them; their keys stay here.
        </p>
      </div>
      <List />
      {mayAdd ? <AddConnection /> : <p className={css.lead}>Admins of the team connect services.</p>}
    </div>
  )
}

function List() {
  const connections = useConnections(useSession().context)
  if (connections.isPending) return <Skeleton height={110} data-testid="connections-loading" />
  if (connections.isError) {
    return (
      <div>
        <ProblemNote>{sentenceOf(connections.error)}</ProblemNote>
        <Button variant="default" onClick={() => connections.refetch()} loading={connections.isFetching}>
          Try again
        </Button>
      </div>
    )
  }
  if (connections.data.length === 0) return <div className={css.empty}>Nothing is connected yet.</div>
  return (
    <ul className={css.list}>
      {connections.data.map((connection) => (
        <ConnectionItem key={connection.id} connection={connection} />
      ))}
    </ul>
  )
}
