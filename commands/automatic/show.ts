import { type Button, type Confirm, type Part, text } from '#core/chat/message.ts'
import type { RuleView } from '#core/rules/view.ts'
import type { DeliveryView, TriggerView } from '#core/triggers/view.ts'
import { renderLine } from '../grammar/render.ts'
import { buttons, dateTime, dollars, muted, shorten } from '../replies.ts'

const SCHEMES: Record<TriggerView['scheme'], string> = {
  standard_webhooks: 'Standard Webhooks',
  github: 'GitHub',
  stripe: 'Stripe',
  bearer: 'bearer secret',
}

const onId = (command: string, id: string, ...more: string[]): string => renderLine(command, { words: [id, ...more] })

/** One trigger in a few lines. Its address is no secret: nothing is taken there that is not signed. */
export function triggerParts(view: TriggerView, timeZone: string): Part[] {
  const { id, name, jobId, scheme, status, budgetUsd, usedUsd, problem, lastDeliveryAt, url } = view
  const facts = [
    status === 'paused' ? 'paused' : undefined,
    budgetUsd === null ? undefined : `${dollars(usedUsd ?? '0')} of ${dollars(budgetUsd)} used`,
    lastDeliveryAt === null ? 'nothing came yet' : `last ${dateTime(lastDeliveryAt, timeZone)}`,
  ].filter((fact) => fact !== undefined)
  return [
    text(`${name} · starts ${jobId} · ${SCHEMES[scheme]}`, 'strong'),
    muted(url),
    muted(facts.join(' · ')),
    ...(problem ? [text(`The last one started nothing: ${problem.message}`)] : []),
    buttons(
      { label: 'Last deliveries', command: onId('deliveries', id) },
      { label: 'Test', command: onId('testtrigger', id) },
      status === 'paused'
        ? { label: 'Resume', command: onId('resumetrigger', id) }
        : { label: 'Pause', command: onId('pausetrigger', id) },
    ),
  ]
}

/** One delivery as a line, and what can be done about it. */
export function deliveryParts(triggerId: string, view: DeliveryView, timeZone: string): Part[] {
  const { id, receivedAt, status, runId, runStatus, reason } = view
  const what = runId === null ? (reason?.message ?? '') : (runStatus ?? '')
  const list: Button[] = [
    ...(runId === null ? [] : [{ label: 'Its run', command: renderLine('status', { words: [runId] }) }]),
    ...(status === 'accepted'
      ? []
      : [{ label: 'Replay', command: onId('replaydelivery', triggerId, id), once: true, confirm: REPLAY }]),
  ]
  return [
    text(`${dateTime(receivedAt, timeZone)} · ${status}${what === '' ? '' : `: ${shorten(what, 200)}`}`),
    ...(list.length > 0 ? [buttons(...list)] : []),
  ]
}

const REPLAY: Confirm = {
  title: 'Handle it again?',
  text: 'It starts the job once more, with what came then, and costs what each of its runs costs.',
  yes: 'Yes, replay it',
  no: 'No',
}

/** One rule in a few lines. */
export function ruleParts(view: RuleView, timeZone: string): Part[] {
  const { id, name, command, on, at, nextAt, status, reason, fires, lastFiredAt } = view
  const when = on ? `on ${on.types.join(', ')}` : (at ?? '')
  const facts = [
    status === 'active' ? undefined : status,
    nextAt === null ? undefined : `next ${dateTime(nextAt, timeZone)}`,
    lastFiredAt === null ? 'has said nothing yet' : `said ${fires} times, last ${dateTime(lastFiredAt, timeZone)}`,
  ].filter((fact) => fact !== undefined)
  return [
    text(`${shorten(name, 60)} · ${when}`, 'strong'),
    ...(name === command ? [] : [text(shorten(command, 200))]),
    muted(facts.join(' · ')),
    ...(status === 'paused' && reason !== null && reason !== 'by_hand' ? [text(reason)] : []),
    buttons(
      { label: 'What it said', command: onId('rulefires', id) },
      ...(status === 'ended'
        ? []
        : status === 'paused'
          ? [{ label: 'Resume', command: onId('resumerule', id) }]
          : [{ label: 'Pause', command: onId('pauserule', id) }]),
      { label: 'Remove', command: onId('removerule', id), style: 'danger', confirm: REMOVE },
    ),
  ]
}

const REMOVE: Confirm = {
  title: 'Remove this rule?',
  text: 'It says nothing any more; what it said stays said.',
  yes: 'Yes, remove it',
  no: 'No',
}
