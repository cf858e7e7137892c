import { reply } from '#core/chat/message.ts'
import { contextTitle } from '#core/contexts/resolve.ts'
import { AppError } from '#core/errors.ts'
import { createTask } from '#core/tasks/create.ts'
import { doerMeant } from '#core/tasks/doer.ts'
import { PRIORITY_WORDS } from '#core/tasks/fields.ts'
import { matchTask } from '#core/tasks/match/match.ts'
import { LIVE_STATUSES, statusWords, TASK_STATUSES } from '#core/tasks/moves.ts'
import { findTasks, getTask } from '#core/tasks/read.ts'
import type { TaskView } from '#core/tasks/task.ts'
import { defineCommand, type UserCall } from '../command.ts'
import { renderLine } from '../grammar/render.ts'
import { asFlag, buttons, heading, shorten } from '../replies.ts'
import { matchReply } from './match.ts'
import { taskParts } from './show.ts'

const PAGE_SIZE = 8
const TITLE_MOST = 200

export const task = defineCommand({
  name: 'task',
  summary: 'Put a task on the board',
  group: 'agents',
  args: [
    {
      name: 'text',
      kind: 'text',
      summary: 'What is to be done; further lines describe it, those that begin with - [ ] are what it must meet',
    },
  ],
  flags: [
    { name: 'priority', kind: 'word', choices: PRIORITY_WORDS, summary: 'How urgent it is' },
    { name: 'label', kind: 'word', summary: 'To find it by' },
    { name: 'to', kind: 'word', summary: 'Who does it: an agent, or a person' },
    { name: 'match', kind: 'boolean', summary: 'The agent that fits it best does it' },
  ],
  examples: [
    '/task Write the release notes',
    '/task --priority high Call the printer',
    '/task --to Max Announce v2.1\n- [ ] at most 120 words',
  ],
  run: async ({ core, actor, args, flags, incoming }) => {
    const [title = '', ...rest] = args.text.trim().split('\n')
    const cut = shorten(title, TITLE_MOST)
    // What does not fit into a title is not lost.
    const { criteria, description } = checklistIn(cut === title.trim() ? rest : args.text.trim().split('\n'))
    const assignee = flags.to === undefined ? undefined : await doerMeant(core.db, actor, flags.to)
    const fields = {
      title: cut,
      ...(description === '' ? {} : { description }),
      ...(flags.priority === undefined ? {} : { priority: flags.priority }),
      ...(flags.label === undefined ? {} : { labels: [flags.label] }),
      ...(criteria.length === 0 ? {} : { acceptanceCriteria: criteria }),
      ...(assignee === undefined ? {} : { assignee }),
    }
    const made = await createTask(core, actor, fields, { conversation: incoming.conversation })
    if (flags.match && assignee === undefined) {
      return matched({ core, actor, incoming }, made)
    }
    return reply('It is on the board.', ...(await taskParts(core, actor, made)))
  },
})

/** It is on the board, whoever does it. */
async function matched({ core, actor, incoming }: Pick<UserCall, 'core' | 'actor' | 'incoming'>, made: TaskView) {
  try {
    const { conversation } = incoming
    return await matchReply({ core, actor }, await matchTask(core, actor, { id: made.id, conversation }))
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return reply(`It is on the board. ${error.message}`, ...(await taskParts(core, actor, made)))
  }
}

const ITEM = /^\s*[-*]\s*\[\s?\]\s*(\S.*)$/

/** `- [ ] has a title`: what is to be checked off, and the lines that are no such item. */
function checklistIn(lines: readonly string[]): { criteria: string[]; description: string } {
  const items = lines.map((line) => ITEM.exec(line)?.[1]?.trim())
  return {
    criteria: items.filter((item) => item !== undefined),
    description: lines
      .filter((_, index) => items[index] === undefined)
      .join('\n')
      .trim(),
  }
}

export const tasks = defineCommand({
  name: 'tasks',
  summary: 'What is to be done here, and who does it',
  group: 'agents',
  flags: [
    { name: 'status', kind: 'word', choices: TASK_STATUSES, summary: 'Only those' },
    { name: 'mine', kind: 'boolean', summary: 'Only those that you have' },
    { name: 'label', kind: 'word', summary: 'Only those with this label' },
    { name: 'after', kind: 'word', summary: 'Continues behind this one' },
  ],
  run: async ({ core, actor, flags, resolved }) => {
    const { items, nextCursor } = await findTasks(core, actor, {
      status: flags.status === undefined ? LIVE_STATUSES : [flags.status],
      limit: PAGE_SIZE,
      ...(flags.mine ? { assignee: actor.accountId } : {}),
      ...(flags.label === undefined ? {} : { label: flags.label }),
      ...(flags.after === undefined ? {} : { cursor: flags.after }),
    })
    if (items.length === 0) {
      return reply(`There is nothing on the board of ${contextTitle(resolved)}. /task <text> puts something there.`)
    }
    const { status, mine, label } = flags
    const older = { status, label, mine: mine ? (true as const) : undefined, after: nextCursor ?? '' }
    const more = renderLine('tasks', { flags: { ...older, as: asFlag(resolved) } })
    return reply(
      heading(`Tasks · ${contextTitle(resolved)}`),
      {
        type: 'table',
        columns: ['Task', 'Status', 'Priority'],
        rows: items.map(({ title, status, priority }) => [shorten(title, 60), statusWords(status), String(priority)]),
      },
      buttons(
        ...items.map(({ id, title }) => ({
          label: shorten(title, 30),
          command: renderLine('showtask', { words: [id] }),
        })),
        ...(nextCursor === null ? [] : [{ label: 'Older', command: more }]),
      ),
    )
  },
})

export const showtask = defineCommand({
  name: 'showtask',
  summary: 'A task, with what can be done with it',
  group: 'agents',
  isHidden: true,
  args: [{ name: 'task', kind: 'word' }],
  run: async ({ core, actor, args }) => reply(...(await taskParts(core, actor, await getTask(core, actor, args.task)))),
})
