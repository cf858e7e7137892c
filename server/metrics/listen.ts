import type { Sender, Senders, SendResult } from '#core/chat/sender.ts'
import type { Core } from '#core/core.ts'
import { listenToRuns } from '#core/runs/telling.ts'
import type { Tally } from './tally.ts'

/** Counts what becomes of runs and steps, until the returned function is called. */
export function countRuns({ tools, log }: Pick<Core, 'tools' | 'log'>, tally: Tally): () => void {
  const known = new Set(tools.list().map(({ toolId }) => toolId))
  // Endpoints are named by people: there may be any number of them.
  const toolName = (toolId: string): string => {
    if (known.has(toolId)) return toolId
    return toolId.startsWith('endpoint.') ? 'endpoint' : 'other'
  }
  return listenToRuns(log, {
    step: ({ toolId, outcome, startedAtMs, endedAtMs }) =>
      tally.tell((counts) =>
        counts.step({ tool: toolName(toolId), outcome, seconds: (endedAtMs - startedAtMs) / 1_000 }),
      ),
    run: ({ status, createdAtMs, finishedAtMs }) =>
      tally.tell((counts) => counts.run({ status, seconds: (finishedAtMs - createdAtMs) / 1_000 })),
  })
}

type Count = (told: { channel: string; outcome: string }) => void

export const countedSenders = (senders: Senders, count: Count): Senders =>
  new Map([...senders].map(([name, sender]) => [name, countedSender(sender, count)]))

/** The same sender, which also tells what came of each message. */
function countedSender(sender: Sender, count: Count): Sender {
  const told = (result: SendResult): SendResult => {
    count({ channel: sender.name, outcome: result.outcome })
    return result
  }
  return new Proxy(sender, {
    get(target, name) {
      if (name === 'send') return async (...args: Parameters<Sender['send']>) => told(await target.send(...args))
      if (name === 'edit') return async (...args: Parameters<Sender['edit']>) => told(await target.edit(...args))
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
