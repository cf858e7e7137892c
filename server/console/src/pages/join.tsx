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
import { ClaimForm } from './claim-form.tsx'

const OVER = 'It was used, declined or taken back, or has expired.'

/** An invitation to a team: looking changes nothing, the buttons decide. */
export default function JoinPage() {
  const { code = '' } = useParams()
  const me = useMe()
  const invitation = useInvitation(code)
  const [declined, setDeclined] = useState(false)
  if (isSignedOut(me.error) && invitation.data) {
    const isOpen = invitation.data.status === 'open'
    return isOpen ? <Newcomer code={code} invitation={invitation.data} /> : <RefusedInvitation reason={OVER} />
  }
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
  const failed = invitation.error ?? (isSignedOut(me.error) ? null : me.error)
  if (failed) return <RefusedInvitation reason={sentenceOf(failed)} />
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

/** Whoever is new gets an account with the invitation; who has one signs in and comes back. */
function Newcomer({ code, invitation }: { code: string; invitation: Invitation }) {
  const navigate = useNavigate()
  const [refusal, setRefusal] = useState<string>()
  if (refusal) return <RefusedInvitation reason={refusal} />
  return (
    <CardPage title={`Join ${invitation.teamName}`} testId="join-new">
      <p className={css.lead}>
        {invitation.invitedBy} invites you as {invitation.role === 'admin' ? 'an admin' : `a ${invitation.role}`}.
      </p>
      <ClaimForm path="/v1/auth/join" code={code} button="Join" onRefused={setRefusal} />
      <p className={css.more}>
        Here before?{' '}
        <button
          type="button"
          className={css.link}
          onClick={() => {
            rememberReturn(`/join/${encodeURIComponent(code)}`)
            navigate('/login')
          }}
          data-testid="join-sign-in"
        >
          Sign in
        </button>
      </p>
    </CardPage>
  )
}

function RefusedInvitation({ reason }: { reason: string }) {
  return (
    <CardPage title="This invitation does not work" testId="join-refused">
      <ProblemNote>{reason}</ProblemNote>
      <p className={css.lead}>Invitations work once and for a week. Ask the person who invited you for a new one.</p>
      <Link to="/">Go to Muster</Link>
    </CardPage>
  )
}
