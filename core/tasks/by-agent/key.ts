import type { Tx } from '#db/db.ts'
import type { Core } from '../../core.ts'

const PREFIX = 'task:'

/** The work of the agent that has a task: whoever holds this key moves it on. */
export const taskKey = (taskId: string): string => `${PREFIX}${taskId}`

/** The task that an item of work is about; undefined for other work. */
export const taskOfKey = (key: string): string | undefined =>
  key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined

/** What a run of a task is asked for by: begun twice it is the same run. */
export const requestOf = (taskId: string, name: string): string => `${taskKey(taskId)}:${name}`

/** The task that a run belongs to, by the key it was asked for under; undefined for other runs. */
export const taskOfRun = ({ idempotency_key: key }: { idempotency_key: string | null }): string | undefined =>
  key?.match(/^[^/]+\/task:(task_[^:]+):/)?.[1]

/** Has an agent's task looked at, in the transaction in which there is something new to see. */
export const wakeTask = (
  { queue }: Pick<Core, 'queue'>,
  tx: Tx,
  { id, context }: { id: string; context: string },
  nowMs: number,
): Promise<void> => queue.enqueue(tx, { kind: 'run', key: taskKey(id), runAtMs: nowMs, fairGroup: context })

export const isAgentId = (id: string | null): id is string => id?.startsWith('agent_') ?? false
