import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useRef, useState } from 'react'
import { call, sentenceOf } from '../api/client.ts'
import type { Message, MessagePage } from '../api/types.ts'
import { type History, mergeNewest, positionOf, prepend, upsert } from './history.ts'

const PAGE_SIZE = 50
const KEY = ['chat', 'history']

const readPage = (cursor?: string | null): Promise<MessagePage> =>
  call('GET', `/v1/chat/messages?limit=${PAGE_SIZE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`)

/** The conversation as far as it is loaded: read once, then kept current by `take` and reread on `refresh`. */
export function useHistory() {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: KEY,
    queryFn: async () => {
      const page = await readPage()
      // What the stream brought during the request is in the cache by now.
      return mergeNewest(client.getQueryData<History>(KEY), page)
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  })
  const take = useCallback(
    (...messages: Message[]) => {
      client.setQueryData<History>(KEY, (history) => history && messages.reduce(upsert, history))
    },
    [client],
  )
  const refresh = useCallback(() => void client.invalidateQueries({ queryKey: KEY }), [client])
  const position = useCallback(() => positionOf(client.getQueryData<History>(KEY)), [client])
  return { query, take, refresh, position, older: useOlder(query.data?.olderCursor ?? null) }
}

/** Loads what came before, one page at a time. */
function useOlder(cursor: string | null) {
  const client = useQueryClient()
  const busy = useRef(false)
  const [isLoading, setLoading] = useState(false)
  const [problem, setProblem] = useState<string>()
  const load = useCallback(async () => {
    if (busy.current || cursor === null) return
    busy.current = true
    setLoading(true)
    setProblem(undefined)
    try {
      const page = await readPage(cursor)
      client.setQueryData<History>(KEY, (history) => history && prepend(history, page))
    } catch (error) {
      setProblem(sentenceOf(error))
    }
    busy.current = false
    setLoading(false)
  }, [client, cursor])
  return { load, isLoading, problem, hasMore: cursor !== null }
}
