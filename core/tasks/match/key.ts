const PREFIX = 'match:'
const SPLIT = '|'

/** The run in which a model is asked who fits a task, by the key it was asked for under, and where the answer is told. */
export interface MatchWork {
  runKey: string
  conversation: string | null
}

/** The work that looks at what a model has said about who fits a task. */
export const matchKey = ({ runKey, conversation }: MatchWork): string =>
  `${PREFIX}${runKey}${SPLIT}${conversation ?? ''}`

/** What an item of work is about; undefined for other work. */
export function matchOfKey(key: string): MatchWork | undefined {
  if (!key.startsWith(PREFIX)) return undefined
  const at = key.indexOf(SPLIT)
  return { runKey: key.slice(PREFIX.length, at), conversation: key.slice(at + 1) || null }
}

/** What the run is asked for by: about one state of a task, and of who could do it, the same person asks once. */
export const matchRequest = (taskId: string, state: string): string => `${PREFIX}${taskId}:${state}`

/** The task behind the key of such a run. */
export const taskOfMatch = (runKey: string): string | undefined => /\/match:(task_[^:]+):[^:]+$/.exec(runKey)?.[1]
