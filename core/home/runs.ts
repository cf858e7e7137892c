import type { Button, Part } from '../chat/message.ts'
import { text } from '../chat/message.ts'
import type { Core } from '../core.ts'
import { oneLine } from '../cut.ts'
import { stopButton } from '../runs/buttons.ts'
import { findRunsOf } from '../runs/of-person.ts'
import { hasRunEnded } from '../runs/states.ts'
import type { RunSummary } from '../runs/view.ts'
import type { Person } from './person.ts'

/** So many of the newest are looked at for what is still live. */
const RUNS_MAX = 20
const LIVE_MAX = 5
const ENDED_MAX = 5

/** What the person runs, each with a button to stop it, and what they ran last. */
export async function ownRuns(core: Pick<Core, 'db'>, { actor, account }: Person): Promise<Part[]> {
  const { items } = await findRunsOf(core, actor, actor.accountId, { limit: RUNS_MAX })
  const live = items.filter(({ status }) => !hasRunEnded(status)).slice(0, LIVE_MAX)
  const ended = items.filter(({ status }) => hasRunEnded(status)).slice(0, ENDED_MAX)
  return [
    ...section('Going on', live, account.timeZone, (run) => [show(run), stop(run)]),
    ...section('Your last runs', ended, account.timeZone, (run) => [show(run)]),
  ]
}

function section(
  title: string,
  runs: readonly RunSummary[],
  timeZone: string,
  buttonsOf: (run: RunSummary) => Button[],
): Part[] {
  if (runs.length === 0) return []
  return [
    text(title, 'strong'),
    { type: 'list', items: runs.map((run) => runLine(run, timeZone)) },
    { type: 'buttons', buttons: runs.flatMap(buttonsOf) },
  ]
}

function runLine({ jobId, status, costUsd, estimateUsd, createdAt }: RunSummary, timeZone: string): string {
  const money = hasRunEnded(status) ? `$${costUsd}` : `≈ $${estimateUsd}`
  const format = { timeZone, dateStyle: 'medium', timeStyle: 'short' } as const
  const at = new Intl.DateTimeFormat('en-GB', format).format(new Date(createdAt))
  return `${oneLine(jobId, 60)} · ${status.replaceAll('_', ' ')} · ${money} · ${at}`
}

const show = ({ id, jobId }: RunSummary): Button => ({ label: `Show ${oneLine(jobId, 40)}`, command: `/status ${id}` })
const stop = ({ id, jobId }: RunSummary): Button => stopButton(id, `Stop ${oneLine(jobId, 40)}`)
