import { csvLine, csvWords } from '../csv.ts'
import type { UsageView } from './usage.ts'

const COLUMNS = ['month', 'of', 'name', 'calls', 'failed', 'inputTokens', 'outputTokens', 'cachedInputTokens', 'usd']

/** The same as CSV: a line for all of it, one for each member, and one for each model by provider. */
export function usageCsv({ month, spentUsd, members, models }: UsageView): string {
  const line = (of: string, name: string, counts: (number | string)[], usd: string): string =>
    csvLine([month, of, csvWords(name), ...counts.map(String), usd])
  const none = ['', '', '', '', '']
  return [
    csvLine(COLUMNS),
    line('all', '', none, spentUsd),
    ...members.map((member) => line('member', member.handle, none, member.spentUsd)),
    ...models.map(({ provider, model, costUsd, ...used }) => {
      const counts = [used.calls, used.failed, used.inputTokens, used.outputTokens, used.cachedInputTokens]
      return line('model', `${provider}/${model}`, counts, costUsd)
    }),
  ].join('')
}
