import type { Tx } from '#db/db.ts'
import type { Core } from '../../core.ts'

const PREFIX = 'task:'

/** The work of the agent that has a task: whoever holds this key moves it on. */
export const taskKey = (taskId: string): string => `${PREFIX}${taskId}`

/** The task that an item of work is about; undefined for other work. */
export const taskOfKey = (key: string): string | undefined =>
  key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined

/** Has an agent's task looked at, in the transaction in which there is something new to see. */
export const wakeTask = (
  { queue }: Pick<Core, 'queue'>,
  tx: Tx,
  { id, context }: { id: string; context: string },
  nowMs: number,
): Promise<void> => queue.enqueue(tx, { kind: 'run', key: taskKey(id), runAtMs: nowMs, fairGroup: context })

export const isAgentId = (id: string | null): id is string => id?.startsWith('agent_') ?? false
