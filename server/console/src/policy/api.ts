import { useMutation, useQuery } from '@tanstack/react-query'
import type { View } from '#server/openapi/views/all.ts'
import { call, newKey } from '../api/client.ts'
import { listOf } from '../api/list.ts'
import { queryClient } from '../api/query-client.ts'
import type { Context } from '../api/types.ts'

export type Policy = View<'Policy'>
export type PolicyDocument = Policy['own']['document']
export type Explained = View<'PolicyExplained'>
export type Budget = View<'Budget'>

export interface NewBudget {
  of: string
  period: string
  limitUsd: string
  warnPercent: number
  stop: boolean
}
export type BudgetChange = Pick<NewBudget, 'limitUsd' | 'warnPercent' | 'stop'> & { version: number }

const KEY = 'policy'
const refresh = () => queryClient.invalidateQueries({ queryKey: [KEY] })
const path = (id: string): string => `/v1/budgets/${encodeURIComponent(id)}`
/** Others spend while one looks. */
const LOOK_EVERY_MS = 10_000

/** Everything under one key, since budgets change what the policy gives. It holds the context, so that a switch never shows another's. */
export const usePolicy = (context: Context) =>
  useQuery({
    queryKey: [KEY, context.type, context.id],
    queryFn: ({ signal }) => call<Policy>('GET', '/v1/policies', { signal }),
  })

export const useBudgets = (context: Context) =>
  useQuery({
    queryKey: [KEY, context.type, context.id, 'budgets'],
    queryFn: ({ signal }) => listOf<Budget>('/v1/budgets', signal),
    refetchInterval: LOOK_EVERY_MS,
  })

/** Which model something would get at this moment. */
export const useExplained = (context: Context, asked: { job: string; model: string }) =>
  useQuery({
    queryKey: [KEY, context.type, context.id, 'explain', asked.job, asked.model],
    queryFn: ({ signal }) => {
      const given = Object.entries(asked).filter(([, value]) => value !== '')
      const query = new URLSearchParams(given).toString()
      return call<Explained>('GET', `/v1/policies/explain${query === '' ? '' : `?${query}`}`, { signal })
    },
    retry: false,
    placeholderData: (before) => before,
  })

export const useSavePolicy = () =>
  useMutation({
    mutationFn: (body: { document: PolicyDocument; version: number }) =>
      call<Policy>('PUT', '/v1/policies', { body, idempotencyKey: newKey() }),
    onSettled: refresh,
  })

export const useAddBudget = () =>
  useMutation({
    mutationFn: (body: NewBudget) => call<Budget>('POST', '/v1/budgets', { body, idempotencyKey: newKey() }),
    onSuccess: refresh,
  })

export const useChangeBudget = (id: string) =>
  useMutation({
    mutationFn: (body: BudgetChange) => call<Budget>('PATCH', path(id), { body, idempotencyKey: newKey() }),
    onSettled: refresh,
  })

export const useEndBudget = (id: string) =>
  useMutation({ mutationFn: () => call<void>('DELETE', path(id)), onSettled: refresh })
