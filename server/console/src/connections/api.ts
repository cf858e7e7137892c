import { useMutation, useQuery } from '@tanstack/react-query'
import type { View } from '#server/openapi/views/all.ts'
import { call, newKey } from '../api/client.ts'
import { queryClient } from '../api/query-client.ts'
import type { Context } from '../api/types.ts'

export type TestResult = View<'ConnectionTest'>

export type Connection = View<'Connection'>

export interface NewConnection {
  name: string
  provider: string
  secret: string
  baseUrl?: string
  auth?: { type: string; name?: string; user?: string }
  owner?: 'context' | 'instance'
}

const KEY = 'connections'
const refresh = () => queryClient.invalidateQueries({ queryKey: [KEY] })
const path = (id: string, action = ''): string => `/v1/connections/${encodeURIComponent(id)}${action}`

/** What the context can use. The key holds the context, so that a switch never shows another's. */
export const useConnections = (context: Context) =>
  useQuery({
    queryKey: [KEY, context.type, context.id],
    queryFn: async ({ signal }) =>
      (await call<{ items: Connection[] }>('GET', '/v1/connections?limit=500', { signal })).items,
  })

export const useAdd = () =>
  useMutation({
    mutationFn: (body: NewConnection) =>
      call<Connection>('POST', '/v1/connections', { body, idempotencyKey: newKey() }),
    onSuccess: refresh,
  })

export const useTest = (id: string) =>
  useMutation({
    mutationFn: () => call<TestResult>('POST', path(id, '/test'), { body: {} }),
    onSettled: refresh,
  })

export const useRotate = (id: string) =>
  useMutation({
    mutationFn: (secret: string) =>
      call<Connection>('POST', path(id, '/rotate'), { body: { secret }, idempotencyKey: newKey() }),
    onSuccess: refresh,
  })

export const useRemove = (id: string) =>
  useMutation({ mutationFn: () => call<void>('DELETE', path(id)), onSettled: refresh })
