import { useQuery } from '@tanstack/react-query'
import { call } from './client.ts'

/** What there is to sign in with on this instance. */
export interface Methods {
  mail: boolean
  google: boolean
  access: 'open' | 'invite'
}

const LEAST: Methods = { mail: false, google: false, access: 'invite' }

/** Until it is known, and where nobody says, only what there always is. */
export function useMethods(): Methods {
  const methods = useQuery({
    queryKey: ['methods'],
    queryFn: ({ signal }) => call<Methods>('GET', '/v1/auth/methods', { signal }),
    staleTime: 5 * 60_000,
  })
  return methods.data ?? LEAST
}
