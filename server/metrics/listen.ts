import type { Sender, Senders, SendResult } from '#core/chat/sender.ts'
import type { Core } from '#core/core.ts'
import { LISTED_PRICES } from '#core/models/price-table.ts'
import { listenToRuns, type ModelTold } from '#core/runs/telling.ts'
import type { ModelCounted } from './metrics.ts'
import type { Tally } from './tally.ts'

/** Counts what becomes of runs, steps and calls of models, until the returned function is called. */
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
    model: (told) => tally.tell((counts) => counts.model(counted(told))),
  })
}

const LISTED = new Set(LISTED_PRICES.map(({ provider, model }) => `${provider}/${model}`))

/** What a model behind an address of one's own is called is up to whoever asks it: there may be any number of names. */
const counted = ({
  provider,
  model,
  outcome,
  costMicros,
  startedAtMs,
  endedAtMs,
  ...told
}: ModelTold): ModelCounted => ({
  provider,
  model: LISTED.has(`${provider}/${model}`) ? model : 'other',
  outcome,
  tokens: {
    input: told.inputTokens,
    cached: Math.min(told.cachedInputTokens, told.inputTokens),
    output: told.outputTokens,
  },
  dollars: Number(costMicros) / 1_000_000,
  seconds: Math.max(0, endedAtMs - startedAtMs) / 1_000,
})

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
