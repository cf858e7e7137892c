import { createContext, useContext } from 'react'
import { call } from '../api/client.ts'
import { queryClient } from '../api/query-client.ts'
import type { Me } from '../api/types.ts'

export const MeContext = createContext<Me | undefined>(undefined)

/** The signed-in person. Only for components inside the shell. */
export function useSession(): Me {
  const me = useContext(MeContext)
  if (!me) throw new Error('useSession is for pages inside the shell')
  return me
}

/** Ends the session and forgets what this tab knew, drafts too. Throws ApiError when the server did not answer. */
export async function signOut(): Promise<void> {
  await call('POST', '/v1/auth/logout')
  sessionStorage.clear()
  queryClient.clear()
}
