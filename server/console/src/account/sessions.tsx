import { Button, Skeleton } from '@mantine/core'
import { sentenceOf } from '../api/client.ts'
import css from '../app/settings.module.css'
import { formatMoment } from '../format.ts'
import { ProblemNote } from '../pages/card.tsx'
import { type Session, useEndOthers, useEndSession, useSessions } from './api.ts'

const WAYS: Record<string, string> = {
  password: 'with the password',
  register: 'when the account was made',
  console_link: 'with a link from the chat',
  mail_link: 'with a link by mail',
  password_reset: 'with a new password',
  google: 'with Google',
  claim: 'when Muster was set up',
  join: 'with an invitation',
}

/** Where one is signed in, and how to end it. */
export function Sessions() {
  const sessions = useSessions()
  const end = useEndSession()
  const endOthers = useEndOthers()
  const failed = sessions.error ?? end.error ?? endOthers.error
  const others = sessions.data?.filter(({ isCurrent }) => !isCurrent) ?? []
  return (
    <section className={css.form} aria-labelledby="sessions-title" data-testid="account-sessions">
      <h2 id="sessions-title" className={css.subtitle}>
        Where you are signed in
      </h2>
      {failed && <ProblemNote>{sentenceOf(failed)}</ProblemNote>}
      {sessions.isPending && <Skeleton height={60} />}
      <ul className={css.rows}>
        {sessions.data?.map((session) => (
          <li key={session.id} className={css.row} data-testid="session">
            <div>
              <div className={css.name}>
                {clientOf(session)}
                {session.isCurrent && <span className={css.muted}> · this one</span>}
              </div>
              <div className={css.muted}>
                {WAYS[session.way] ? `Began ${WAYS[session.way]}` : 'Began'} · {formatMoment(session.createdAt)}
              </div>
              <div className={css.muted}>Last seen {formatMoment(session.lastSeenAt)}</div>
            </div>
            {!session.isCurrent && (
              <Button
                size="xs"
                variant="default"
                loading={end.isPending && end.variables === session.id}
                onClick={() => end.mutate(session.id)}
                aria-label={`End ${clientOf(session)}, last seen ${formatMoment(session.lastSeenAt)}`}
                data-testid="session-end"
              >
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 1 && (
        <div>
          <Button
            variant="default"
            loading={endOthers.isPending}
            onClick={() => endOthers.mutate()}
            data-testid="sessions-end-others"
          >
            End all others
          </Button>
        </div>
      )}
    </section>
  )
}

/** What people call it, as far as its own name tells. */
function clientOf({ agent, holds }: Session): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1]
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' }
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(agent)?.[1]
  if (browser) return `${names[browser] ?? browser}${system ? ` on ${system.replace('Mac OS X', 'a Mac')}` : ''}`
  return agent.slice(0, 60) || (holds === 'tokens' ? 'A program' : 'A browser')
}
