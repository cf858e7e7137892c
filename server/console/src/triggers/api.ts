import { useMutation, useQuery } from '@tanstack/react-query'
import { call, newKey } from '../api/client.ts'
import { queryClient } from '../api/query-client.ts'
import type { Context } from '../api/types.ts'

export interface Trigger {
  id: string
  name: string
  url: string
  jobId: string
  scheme: string
  hint: string | null
  budgetUsd: string | null
  usedUsd: string | null
  status: 'active' | 'paused'
  problem: { message: string } | null
  lastDeliveryAt: string | null
  mayChange: boolean
  /** Only in the answer to the request that made it. */
  secret?: string
}

export interface Delivery {
  id: string
  receivedAt: string
  externalId: string | null
  status: 'accepted' | 'started' | 'refused' | 'ignored'
  runId: string | null
  runStatus: string | null
  reason: { message: string } | null
}

export interface Preview {
  ignored: string | null
  inputs: object
  problems: { path: string; message: string }[]
  fits: boolean
  maxUsd: string | null
}

export interface NewTrigger {
  name: string
  jobId: string
  scheme: string
  mapping: unknown
  example?: unknown
  budgetUsd?: string
}

const KEY = 'triggers'
const refresh = () => queryClient.invalidateQueries({ queryKey: [KEY] })
const path = (id: string, action = ''): string => `/v1/triggers/${encodeURIComponent(id)}${action}`
/** Others send to it while one looks. */
const LOOK_EVERY_MS = 5_000

/** What starts jobs here. The key holds the context, so that a switch never shows another's. */
export const useTriggers = (context: Context) =>
  useQuery({
    queryKey: [KEY, context.type, context.id],
    queryFn: async ({ signal }) =>
      (await call<{ items: Trigger[] }>('GET', '/v1/triggers?limit=200', { signal })).items,
    refetchInterval: LOOK_EVERY_MS,
  })

export const useDeliveries = (id: string) =>
  useQuery({
    queryKey: [KEY, 'deliveries', id],
    queryFn: async ({ signal }) =>
      (await call<{ items: Delivery[] }>('GET', path(id, '/deliveries?limit=10'), { signal })).items,
    refetchInterval: LOOK_EVERY_MS,
  })

/** What a mapping makes of an example, while both are typed. */
export const usePreview = (body: Pick<NewTrigger, 'jobId' | 'mapping'> & { example: unknown }, enabled: boolean) =>
  useQuery({
    queryKey: [KEY, 'preview', JSON.stringify(body)],
    queryFn: ({ signal }) => call<Preview>('POST', '/v1/triggers/preview', { body, signal }),
    enabled,
    retry: false,
    placeholderData: (before) => before,
  })

export const useAdd = () =>
  useMutation({
    mutationFn: (body: NewTrigger) => call<Trigger>('POST', '/v1/triggers', { body, idempotencyKey: newKey() }),
    onSuccess: refresh,
  })

/** `/pause`, `/resume`, or a new secret. */
export const useAct = (id: string) =>
  useMutation({
    mutationFn: (action: 'pause' | 'resume' | 'rotate') =>
      call<Trigger>('POST', path(id, `/${action}`), { body: {}, idempotencyKey: newKey() }),
    onSettled: refresh,
  })

export const useReplay = (id: string) =>
  useMutation({
    mutationFn: (deliveryId: string) =>
      call<unknown>('POST', path(id, `/deliveries/${encodeURIComponent(deliveryId)}/replay`), {
        body: {},
        idempotencyKey: newKey(),
      }),
    onSettled: refresh,
  })

export const useRemove = (id: string) =>
  useMutation({ mutationFn: () => call<void>('DELETE', path(id)), onSettled: refresh })
