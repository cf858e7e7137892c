import { useQuery } from '@tanstack/react-query'
import type { View } from '#server/openapi/views/all.ts'
import { listOf } from '../api/list.ts'
import type { Context } from '../api/types.ts'

interface Choices {
  group: string
  items: { value: string; label: string }[]
}

/** What can be started in the context, to choose from: its jobs and the public ones, and tools by themselves. */
export const useTargets = (context: Context) =>
  useQuery({
    queryKey: ['targets', context.type, context.id],
    queryFn: async ({ signal }): Promise<Choices[]> => {
      const [jobs, tools] = await Promise.all([
        listOf<View<'Job'>>('/v1/jobs', signal),
        listOf<View<'Tool'>>('/v1/tools', signal),
      ])
      const published = jobs.filter(({ status }) => status === 'published')
      return [
        { group: 'Jobs', items: published.map(({ jobId, displayName }) => choice(jobId, displayName)) },
        { group: 'Tools', items: tools.map(({ toolId, displayName }) => choice(toolId, displayName)) },
      ].filter(({ items }) => items.length > 0)
    },
  })

const choice = (id: string, name: string) => ({ value: id, label: name === id ? name : `${name} (${id})` })
