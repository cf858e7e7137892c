import { Button, Skeleton } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { call, isSignedOut, sentenceOf } from '../api/client.ts'
import { invitationPath, useInvitation, useMe } from '../api/queries.ts'
import { queryClient } from '../api/query-client.ts'
import type { Invitation } from '../api/types.ts'
import { rememberReturn } from '../app/return-to.ts'
import { formatFull } from '../format.ts'
import css from './card.module.css'
import { CardPage, ProblemNote } from './card.tsx'

/** An invitation to a team: looking changes nothing, the buttons decide. */
export default function JoinPage() {
  const { code = '' } = useParams()
  const me = useMe()
  const invitation = useInvitation(code)
  const [declined, setDeclined] = useState(false)
  if (isSignedOut(me.error) || isSignedOut(invitation.error))
    return <SignInFirst code={code} invitation={invitation.data} />
  if (declined) {
    return (
      <CardPage title="Declined" testId="join-declined">
        <p className={css.lead}>You did not join. Nothing else changed.</p>
        <Link to="/">Go to Muster</Link>
      </CardPage>
    )
  }
  if (invitation.data && me.data) {
    return <Decide code={code} invitation={invitation.data} onDeclined={() => setDeclined(true)} />
  }
  const failed = invitation.error ?? me.error
  if (failed) {
    return (
      <CardPage title="This invitation does not work" testId="join-refused">
        <ProblemNote>{sentenceOf(failed)}</ProblemNote>
        <p className={css.lead}>Invitations work once and for a week. Ask the person who invited you for a new one.</p>
        <Link to="/">Go to Muster</Link>
      </CardPage>
    )
  }
  return (
    <CardPage title="Your invitation" testId="join-loading">
      <Skeleton height={150} />
    </CardPage>
  )
}

interface DecideProps {
  code: string
  invitation: Invitation
  onDeclined: () => void
}

function Decide({ code, invitation, onDeclined }: DecideProps) {
  const navigate = useNavigate()
  const decide = useMutation({
    mutationFn: (action: 'accept' | 'decline') => call('POST', invitationPath(code, action)),
    onSuccess: async (_, action) => {
      if (action === 'decline') return onDeclined()
      await queryClient.invalidateQueries({ queryKey: ['me'] })
      navigate('/', { replace: true })
    },
  })
  return (
    <CardPage title={`Join ${invitation.teamName}`} testId="join">
      <p className={css.lead}>{invitation.invitedBy} invites you to this team.</p>
      {decide.isError && <ProblemNote>{sentenceOf(decide.error)}</ProblemNote>}
      <dl className={css.facts}>
        <div>
          <dt>Your role</dt>
          <dd>{invitation.role}</dd>
        </div>
        <div>
          <dt>Open until</dt>
          <dd>
            <time dateTime={invitation.expiresAt} title={formatFull(invitation.expiresAt)}>
              {new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(
                new Date(invitation.expiresAt),
              )}
            </time>
          </dd>
        </div>
      </dl>
      <div className={css.actions}>
        <Button
          size="md"
          variant="default"
          onClick={() => decide.mutate('decline')}
          disabled={decide.isPending}
          data-testid="decline"
        >
          Decline
        </Button>
        <Button
          size="md"
          onClick={() => decide.mutate('accept')}
          loading={decide.isPending && decide.variables === 'accept'}
          disabled={decide.isPending}
          data-testid="accept"
        >
          Accept
        </Button>
      </div>
    </CardPage>
  )
}

function SignInFirst({ code, invitation }: { code: string; invitation: Invitation | undefined }) {
  const navigate = useNavigate()
  return (
    <CardPage title={invitation ? `Join ${invitation.teamName}` : 'You are invited to a team'} testId="join-signed-out">
      <p className={css.lead}>
        {invitation ? `${invitation.invitedBy} invites you. ` : ''}Sign in first; you come back here afterwards.
      </p>
      <Button
        fullWidth
        size="md"
        autoFocus
        onClick={() => {
          rememberReturn(`/join/${encodeURIComponent(code)}`)
          navigate('/login')
        }}
        data-testid="join-sign-in"
      >
        Sign in
      </Button>
      <p className={css.more}>
        No account yet? Send <code>/start {code}</code> to the Muster bot.
      </p>
    </CardPage>
  )
}
