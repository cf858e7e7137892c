import { type QueryClient, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { call } from '../api/client.ts'
import type { Context, Page, Review, Run, RunEvent, RunSummary, Variant } from '../api/types.ts'
import { usePace } from './pace.ts'
import { isLive } from './status.tsx'

export const runPath = (runId: string, action = ''): string => `/v1/runs/${encodeURIComponent(runId)}${action}`

export const runKeyOf = (runId: string) => ['run', runId] as const
const PARTS = 'run-parts'
/** What stands beside a run, all of it. */
export const partsKeyOf = (runId: string) => [PARTS, runId] as const

/** Of a run with much in it, or of a server with much to do, less is asked: the pause is so many times the answer. */
const WORK_SHARE = 5

/** A run as it stands; looked at again as long as it may change by itself. */
export function useRun(runId: string) {
  const pace = usePace()
  const tookMs = useRef(0)
  const query = useQuery({
    queryKey: runKeyOf(runId),
    queryFn: async ({ signal }) => {
      const sinceMs = performance.now()
      const run = await call<Run>('GET', runPath(runId), { signal })
      tookMs.current = performance.now() - sinceMs
      return run
    },
    staleTime: 0,
    refetchInterval: ({ state: { data } }) =>
      data && isLive(data.status) ? Math.max(pace(data), WORK_SHARE * tookMs.current) : false,
  })
  useFreshParts(runId, query.data)
  return query
}

/** What stands beside a run changes with it. */
function useFreshParts(runId: string, run: Run | undefined): void {
  const client = useQueryClient()
  const before = useRef<Run>(undefined)
  useEffect(() => {
    if (before.current?.id === run?.id && before.current !== run) {
      void client.invalidateQueries({ queryKey: partsKeyOf(runId) })
    }
    before.current = run
  }, [client, runId, run])
}

const EVENTS_AT_ONCE = 500
/** Longer logs are read on when somebody wants them. */
const LOOKS_MAX = 2

export interface RunLog {
  items: RunEvent[]
  hasMore: boolean
}

/** What happened, oldest first. Events never change, so only those behind the last known one are asked for. */
export const useRunLog = (runId: string) =>
  useQuery({
    queryKey: [PARTS, runId, 'log'],
    queryFn: ({ signal, client }) => readLog(client, runId, signal),
    staleTime: 0,
  })

async function readLog(client: QueryClient, runId: string, signal: AbortSignal): Promise<RunLog> {
  const known = client.getQueryData<RunLog>([PARTS, runId, 'log'])?.items ?? []
  const items = [...known]
  for (let look = 0; look < LOOKS_MAX; look++) {
    const after = items.at(-1)?.seq
    const from = after === undefined ? '' : `&cursor=${after}`
    const page = await call<Page<RunEvent>>('GET', `${runPath(runId, '/events')}?limit=${EVENTS_AT_ONCE}${from}`, {
      signal,
    })
    items.push(...page.items)
    if (page.nextCursor === null) return { items, hasMore: false }
  }
  return { items, hasMore: true }
}

interface RunFile {
  id: string
  name: string
  mediaType: string
  sizeBytes: number
}

/** As many as one looks through; a run brings a handful. */
const FILES_MAX = 100

export const useRunFiles = (runId: string) =>
  useQuery({
    queryKey: [PARTS, runId, 'files'],
    queryFn: async ({ signal }) => {
      const path = `/v1/artifacts?runId=${encodeURIComponent(runId)}&limit=${FILES_MAX}`
      return (await call<Page<RunFile>>('GET', path, { signal })).items
    },
  })

export const useVariant = (runId: string, variantId: string) =>
  useQuery({
    queryKey: [PARTS, runId, 'variant', variantId],
    queryFn: ({ signal }) => call<Variant>('GET', `/v1/variants/${encodeURIComponent(variantId)}`, { signal }),
  })

export const useReview = (runId: string, reviewId: string | null) =>
  useQuery({
    queryKey: [PARTS, runId, 'review', reviewId],
    queryFn: ({ signal }) => call<Review>('GET', `/v1/reviews/${encodeURIComponent(reviewId ?? '')}`, { signal }),
    enabled: reviewId !== null,
  })

const RUNS_AT_ONCE = 25
/** Past so many pages somebody is looking through the past, and not at what happens now. */
const PAGES_FOLLOWED = 2

/** Runs of one context, newest first. `statuses` as the API has them, none for all. */
export function useRuns(context: Pick<Context, 'type' | 'id'>, statuses: string) {
  const pace = usePace()
  return useInfiniteQuery({
    queryKey: ['runs', context.type, context.id, statuses],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(RUNS_AT_ONCE) })
      if (statuses) query.set('status', statuses)
      if (pageParam) query.set('cursor', pageParam)
      return call<Page<RunSummary>>('GET', `/v1/runs?${query}`, { signal, context })
    },
    initialPageParam: '',
    getNextPageParam: (last) => last.nextCursor,
    staleTime: 0,
    refetchInterval: ({ state: { data } }) =>
      data && data.pages.length <= PAGES_FOLLOWED ? Math.max(pace(data), 3_000) : false,
  })
}
