import { useQuery } from '@tanstack/react-query'
import type { View } from '#server/openapi/views/all.ts'
import { listOf } from '../api/list.ts'
import type { Context } from '../api/types.ts'

export interface Choice {
  value: string
  label: string
}

const PROVIDERS: Choice[] = [
  { value: 'openai', label: 'OpenAI' },
  { value: 'anthropic', label: 'Anthropic' },
  { value: 'google', label: 'Google Gemini' },
  { value: 'openai_compatible', label: 'Like OpenAI' },
  { value: 'mock', label: 'The mock' },
]

const LISTS: Record<string, (signal: AbortSignal) => Promise<Choice[]>> = {
  job: async (signal) =>
    (await listOf<View<'Job'>>('/v1/jobs', signal)).map(({ jobId, displayName }) => named(jobId, displayName)),
  agent: async (signal) =>
    (await listOf<View<'Agent'>>('/v1/agents', signal)).map(({ id, name }) => ({ value: id, label: name })),
  schedule: async (signal) =>
    (await listOf<View<'Schedule'>>('/v1/schedules', signal)).map(({ id, jobId, description }) => ({
      value: id,
      label: `${jobId}, ${description}`,
    })),
  provider: async () => PROVIDERS,
}

const named = (id: string, name: string): Choice => ({ value: id, label: name === id ? name : `${name} (${id})` })

/** What of a kind there is in the context, to choose from. Nothing for what is typed. */
export const useNames = (context: Context, kind: string) =>
  useQuery({
    queryKey: ['names', context.type, context.id, kind],
    queryFn: ({ signal }) => LISTS[kind]?.(signal) ?? [],
    enabled: kind in LISTS,
  })

/** Models that have a price at this moment: what can be asked. */
export const usePricedModels = () =>
  useQuery({
    queryKey: ['priced-models'],
    queryFn: async ({ signal }) => {
      const prices = await listOf<View<'Price'>>('/v1/prices', signal)
      const models = prices.flatMap((price) =>
        price.kind === 'model' && price.state === 'current' && price.model !== '*'
          ? [`${price.provider}/${price.model}`]
          : [],
      )
      return [...new Set(models)]
    },
  })
