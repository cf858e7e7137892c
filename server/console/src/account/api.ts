import { useMutation, useQuery } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import { queryClient } from '../api/query-client.ts'
import type { Page } from '../api/types.ts'

export interface Session {
  id: string
  way: string
  agent: string
  holds: 'cookie' | 'tokens'
  isCurrent: boolean
  createdAt: string
  lastSeenAt: string
}

export interface ApiKey {
  id: string
  name: string
  hint: string
  scopes: string[]
  createdAt: string
  expiresAt: string | null
  revokedAt: string | null
  lastUsedAt: string | null
}

const refresh = (...queryKey: string[]) => queryClient.invalidateQueries({ queryKey })

export const useSessions = () =>
  useQuery({
    queryKey: ['sessions'],
    queryFn: async ({ signal }) => (await call<Page<Session>>('GET', '/v1/auth/sessions?limit=500', { signal })).items,
  })

export const useEndSession = () =>
  useMutation({
    mutationFn: (id: string) => call<void>('DELETE', `/v1/auth/sessions/${encodeURIComponent(id)}`),
    onSettled: () => refresh('sessions'),
  })

export const useEndOthers = () =>
  useMutation({ mutationFn: () => call('DELETE', '/v1/auth/sessions'), onSettled: () => refresh('sessions') })

export const useKeys = () =>
  useQuery({
    queryKey: ['api-keys'],
    queryFn: async ({ signal }) => (await call<Page<ApiKey>>('GET', '/v1/api-keys?limit=500', { signal })).items,
  })

export const useMakeKey = () =>
  useMutation({
    mutationFn: (body: { name: string; scopes: string[] }) =>
      call<{ id: string; key: string }>('POST', '/v1/api-keys', { body }),
    onSuccess: () => refresh('api-keys'),
  })

export const useRevokeKey = () =>
  useMutation({
    mutationFn: (id: string) => call<void>('DELETE', `/v1/api-keys/${encodeURIComponent(id)}`),
    onSettled: () => refresh('api-keys'),
  })

export const usePasswordState = () =>
  useQuery({
    queryKey: ['password'],
    queryFn: ({ signal }) => call<{ isSet: boolean }>('GET', '/v1/auth/password', { signal }),
  })

export const useChangePassword = () =>
  useMutation({
    mutationFn: (body: { currentPassword?: string; password: string }) =>
      call<{ sessionsEnded: number }>('POST', '/v1/auth/password/change', { body }),
    onSuccess: () => Promise.all([refresh('password'), refresh('sessions')]),
  })

export const useAddAddress = () =>
  useMutation({
    mutationFn: (email: string) => call<{ sentTo: string }>('POST', '/v1/auth/email', { body: { email } }),
  })
