import { accountById } from '#core/accounts/account.ts'
import type { Actor } from '#core/actor.ts'
import type { Button, Part } from '#core/chat/message.ts'
import { text } from '#core/chat/message.ts'
import type { Core } from '#core/core.ts'
import { mayHandOver } from '#core/tasks/by-agent/give.ts'
import { isAgentId } from '#core/tasks/by-agent/key.ts'
import { agentSideOf, agentsFor, type Helper } from '#core/tasks/by-agent/read.ts'
import { movesFrom, statusWords, type TaskStatus } from '#core/tasks/moves.ts'
import type { TaskView } from '#core/tasks/task.ts'
import { renderLine } from '../grammar/render.ts'
import { buttons, dollars, fields, heading, shorten } from '../replies.ts'

const ITEMS_MOST = 6
const DESCRIPTION_MOST = 1_000

/** A task with what its reader can do with it. */
export async function taskParts(core: Pick<Core, 'db'>, actor: Actor, task: TaskView): Promise<Part[]> {
  const items = [...task.acceptanceCriteria, ...task.definitionOfDone]
  const assignee = task.assignee === null ? undefined : await accountById(core.db, task.assignee)
  const { agent, verdicts, costUsd, error } = await agentSideOf(core, task)
  const isFree = (task.status === 'queued' && agent === undefined) || mayHandOver(task, actor)
  const helpers = isFree ? await agentsFor(core, task) : []
  const waits = task.dependencies.length + task.blockers.length
  return [
    heading(task.title),
    fields({
      Status: statusWords(task.status),
      Priority: String(task.priority),
      Who: assignee ? `@${assignee.handle}` : (agent ?? task.executor?.tool),
      Cost: costUsd === undefined ? undefined : dollars(costUsd),
      'Did not go on': error,
      Labels: task.labels.length > 0 ? task.labels.join(', ') : undefined,
      'Waits for': waits > 0 ? `${waits} ${waits === 1 ? 'thing' : 'things'}` : undefined,
    }),
    ...(task.description === '' ? [] : [text(shorten(task.description, DESCRIPTION_MOST))]),
    ...(items.length === 0
      ? []
      : [{ type: 'list' as const, items: items.map(({ text, checked }) => `${checked ? '☑' : '☐'} ${text}`) }]),
    ...(verdicts.length === 0 ? [] : [{ type: 'list' as const, items: verdicts }]),
    ...(task.result === null ? [] : [text(shorten(resultWords(task.result), DESCRIPTION_MOST))]),
    ...buttonsFor(actor, task),
    ...(helpers.length === 0 ? [] : [buttons(...giveButtons(task, helpers))]),
  ]
}

function giveButtons({ id, assignee }: TaskView, helpers: readonly Helper[]): Button[] {
  const isChoice = helpers.length > 1 && assignee === null
  const fitting = { label: 'Whoever fits best', command: renderLine('matchtask', { words: [id] }) }
  return [...helpers.map(giveButton(id)), ...(isChoice ? [fitting] : [])]
}

const giveButton =
  (taskId: string) =>
  ({ id, name, reason }: Helper): Button => ({
    label: `Give to ${name}${reason ? ` (${reason})` : ''}`,
    command: renderLine('givetask', { words: [taskId, id] }),
  })

/** Of what a tool gives the text is what people want to see. */
function resultWords(result: NonNullable<TaskView['result']>): string {
  const said = result.text ?? result.markdown
  return typeof said === 'string' ? said : JSON.stringify(result)
}

const MOVES: Partial<Record<TaskStatus, string>> = {
  in_progress: 'Start',
  review: 'To review',
  approved: 'Approve',
  changes_requested: 'Request changes',
  merging: 'Merge',
  done: 'Done',
  queued: 'Queue again',
}

const AT_IT: readonly TaskStatus[] = ['queued', 'claimed', 'in_progress']

function buttonsFor(actor: Actor, task: TaskView): Part[] {
  const items = [...task.acceptanceCriteria, ...task.definitionOfDone]
  const open = items.filter(({ checked }) => !checked)
  const isOver = movesFrom(task.status).length === 0
  const mayApprove = open.length === 0 && !task.doers.includes(actor.accountId)
  // What an agent has it takes up, and judges, by itself.
  const isAgents = isAgentId(task.assignee) && AT_IT.includes(task.status)
  const moves = (isAgents ? [] : movesFrom(task.status)).flatMap((to): Button[] => {
    if (to === 'claimed') return [{ label: 'Claim', command: renderLine('claim', { words: [task.id] }) }]
    const label = MOVES[to]
    if (label === undefined || (to === 'approved' && !mayApprove)) return []
    return [{ label, command: renderLine('move', { words: [task.id, to] }) }]
  })
  const checks = isOver || isAgents ? [] : open.slice(0, ITEMS_MOST)
  const list = [
    ...moves,
    ...checks.map(({ id, text }) => ({
      label: `☑ ${shorten(text, 30)}`,
      command: renderLine('checkitem', { words: [task.id, id] }),
    })),
  ]
  return list.length === 0 ? [] : [buttons(...list)]
}
