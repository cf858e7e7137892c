import { QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError, isSignedOut } from './client.ts'

const RETRIES_MAX = 2

/** Retries what may pass by itself: no answer, a server fault, too many requests. A refusal is final. */
const mayPass = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 0 || error.status >= 500 || error.status === 429)

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    // A session that ended shows in any answer; asking for `me` again leads to the sign-in page.
    onError: (error, query) => {
      if (isSignedOut(error) && query.queryKey[0] !== 'me') sessionMayHaveEnded()
    },
  }),
  defaultOptions: {
    queries: { staleTime: 30_000, retry: (count, error) => count < RETRIES_MAX && mayPass(error) },
    mutations: { onError: (error) => (isSignedOut(error) ? sessionMayHaveEnded() : undefined) },
  },
})

/** Asks who is signed in once more; when nobody is, the shell goes to the sign-in page. */
export function sessionMayHaveEnded(): void {
  void queryClient.invalidateQueries({ queryKey: ['me'] })
}
