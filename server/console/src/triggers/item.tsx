import { Button, Skeleton } from '@mantine/core'
import { useState } from 'react'
import { sentenceOf } from '../api/client.ts'
import css from '../app/settings.module.css'
import { CodePart } from '../chat/parts/code.tsx'
import { formatFull, formatUsd } from '../format.ts'
import { type Delivery, type Trigger, useAct, useDeliveries, useRemove, useReplay } from './api.ts'
import { Secret } from './secret.tsx'

/** One trigger: its address, how it stands, what came, and what may be done. */
export function TriggerItem({ trigger }: { trigger: Trigger }) {
  const { id, name, jobId, url, hint, status, budgetUsd, usedUsd, problem, lastDeliveryAt, mayChange } = trigger
  const [open, setOpen] = useState<'deliveries' | 'remove'>()
  const act = useAct(id)
  const remove = useRemove(id)
  const failed = act.error ?? remove.error
  return (
    <li className={css.item} data-testid={`trigger:${name}`}>
      <div className={css.head}>
        <h3 className={css.name}>{name}</h3>
        <span className={css.muted}>
          starts {jobId}
          {status === 'paused' && ' · paused'}
        </span>
      </div>
      <CodePart text={url} language="Address" />
      <div className={css.muted}>
        {lastDeliveryAt === null ? 'Nothing came yet' : `Last ${formatFull(lastDeliveryAt)}`}
        {budgetUsd !== null && ` · ${formatUsd(usedUsd ?? '0')} of ${formatUsd(budgetUsd)} used`}
        {hint && ` · secret ends in ${hint}`}
      </div>
      {problem && <p className={css.bad}>The last one started nothing: {problem.message}</p>}
      {failed && (
        <p className={css.bad} role="alert">
          {sentenceOf(failed)}
        </p>
      )}
      {act.data?.secret !== undefined && <Secret trigger={act.data} />}
      <div className={css.actions}>
        <Button
          size="xs"
          variant="default"
          aria-expanded={open === 'deliveries'}
          onClick={() => setOpen(open === 'deliveries' ? undefined : 'deliveries')}
          aria-label={`Last deliveries of ${name}`}
          data-testid="trigger-deliveries"
        >
          Last deliveries
        </Button>
        {mayChange && (
          <>
            <Button
              size="xs"
              variant="default"
              loading={act.isPending}
              onClick={() => act.mutate(status === 'paused' ? 'resume' : 'pause')}
              aria-label={`${status === 'paused' ? 'Resume' : 'Pause'} ${name}`}
              data-testid="trigger-pause"
            >
              {status === 'paused' ? 'Resume' : 'Pause'}
            </Button>
            <Button
              size="xs"
              variant="default"
              onClick={() => act.mutate('rotate')}
              aria-label={`New secret for ${name}`}
              data-testid="trigger-rotate"
            >
              New secret
            </Button>
            {open === 'remove' ? (
              <>
                <Button size="xs" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
                  Remove {name} for good
                </Button>
                <Button size="xs" variant="default" onClick={() => setOpen(undefined)}>
                  Keep it
                </Button>
              </>
            ) : (
              <Button size="xs" variant="default" onClick={() => setOpen('remove')} aria-label={`Remove ${name}`}>
                Remove
              </Button>
            )}
          </>
        )}
      </div>
      {open === 'deliveries' && <Deliveries trigger={trigger} />}
    </li>
  )
}

function Deliveries({ trigger: { id, mayChange } }: { trigger: Trigger }) {
  const deliveries = useDeliveries(id)
  const replay = useReplay(id)
  if (deliveries.isPending) return <Skeleton height={60} data-testid="deliveries-loading" />
  if (deliveries.isError) return <p className={css.bad}>{sentenceOf(deliveries.error)}</p>
  if (deliveries.data.length === 0) return <p className={css.muted}>Nothing came yet.</p>
  return (
    <ul className={css.list}>
      {replay.error && (
        <li className={css.bad} role="alert">
          {sentenceOf(replay.error)}
        </li>
      )}
      {deliveries.data.map((delivery) => (
        <li key={delivery.id} className={css.head} data-testid={`delivery:${delivery.status}`}>
          <span>{formatFull(delivery.receivedAt)}</span>
          <Outcome delivery={delivery} />
          {mayChange && delivery.status !== 'accepted' && (
            <Button
              size="compact-xs"
              variant="default"
              loading={replay.isPending}
              onClick={() => replay.mutate(delivery.id)}
              aria-label={`Replay the delivery of ${formatFull(delivery.receivedAt)}`}
              data-testid="delivery-replay"
            >
              Replay
            </Button>
          )}
        </li>
      ))}
    </ul>
  )
}

function Outcome({ delivery: { status, runId, runStatus, reason } }: { delivery: Delivery }) {
  if (runId !== null) {
    return (
      <a href={`/runs/${runId}`} className={css.muted}>
        started · {runStatus}
      </a>
    )
  }
  return (
    <span className={status === 'refused' ? css.bad : css.muted}>
      {status}
      {reason && `: ${reason.message}`}
    </span>
  )
}
