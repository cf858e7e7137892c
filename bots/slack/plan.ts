import type { PlanBlock, TaskCardBlock } from '@slack/types'
import type { Part, ProgressStatus } from '#core/chat/message.ts'
import { progressMark } from '#core/chat/plain.ts'
import { shortened } from './buttons.ts'
import { clean, type Inline } from './inlines.ts'
import type { Chunk } from './rich-text.ts'

type Progress = Extract<Part, { type: 'progress' }>

/** Slack takes 50 tasks in a plan; it folds long titles into lines that hide the rest. */
const TASKS_MAX = 50
const TITLE_MAX = 100
/** As much as one message holds beside its other blocks. */
export const PROGRESS_JSON_MAX = 9_000

const STATUS: Record<ProgressStatus, TaskCardBlock['status']> = {
  pending: 'pending',
  running: 'in_progress',
  waiting: 'in_progress',
  done: 'complete',
  skipped: 'complete',
  failed: 'error',
  cancelled: 'error',
}

/** What Slack's four statuses leave out is said. */
const SAID: Partial<Record<ProgressStatus, string>> = {
  waiting: 'waiting',
  skipped: 'skipped',
  cancelled: 'stopped',
}

/** Progress as Slack's own list of tasks; undefined for what is too long for one, or has none. */
export function planOf({ title, status, steps }: Progress): PlanBlock | undefined {
  if (steps.length === 0 || steps.length > TASKS_MAX) return undefined
  const done = steps.filter((step) => STATUS[step.status] === 'complete').length
  // Slack shows a plan folded: how far it is stands in its title.
  const words = [`${progressMark(status)} ${line(title)}`, ...(status === 'done' ? [] : [`${done} of ${steps.length}`])]
  const plan: PlanBlock = {
    type: 'plan',
    title: shortened(words.join(' · '), TITLE_MAX),
    tasks: steps.map((step, index): TaskCardBlock => {
      const said = [step.note && line(step.note), SAID[step.status]].filter(Boolean).join(', ')
      const label = line(step.label) || '–'
      return {
        type: 'task_card',
        task_id: `step-${index}`,
        title: shortened(said ? `${label} (${said})` : label, TITLE_MAX),
        status: STATUS[step.status],
      }
    }),
  }
  return JSON.stringify(plan).length <= PROGRESS_JSON_MAX ? plan : undefined
}

/** The same for where Slack takes no plans: lines of text. */
export function progressLines({ title, status, steps }: Progress): Chunk {
  const head: Inline = { type: 'text', text: `${progressMark(status)} ${clean(title)}`, style: { bold: true } }
  const lines = steps.flatMap((step): Inline[] => [
    { type: 'text', text: `\n${progressMark(step.status)} ${shortened(clean(step.label), TITLE_MAX)}` },
    ...(step.note
      ? [{ type: 'text' as const, text: ` (${shortened(clean(step.note), TITLE_MAX)})`, style: { italic: true } }]
      : []),
  ])
  return { kind: 'lines', inlines: [head, ...lines] }
}

const line = (words: string): string => clean(words).replace(/\s+/g, ' ').trim()
