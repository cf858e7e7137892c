import { useQuery } from '@tanstack/react-query'
import { call } from './client.ts'
import type { CommandInfo, Context, Invitation, Me, Wallet } from './types.ts'

export const useMe = () =>
  useQuery({ queryKey: ['me'], queryFn: ({ signal }) => call<Me>('GET', '/v1/me', { signal }) })

/** The wallet that pays in this context. The key holds the context, so that a switch never shows another's money. */
export const useWallet = (context: Context) =>
  useQuery({
    queryKey: ['wallet', context.type, context.id],
    queryFn: ({ signal }) => call<Wallet>('GET', '/v1/wallet', { signal }),
  })

export const useCommands = () =>
  useQuery({
    queryKey: ['commands'],
    queryFn: async ({ signal }) => (await call<{ items: CommandInfo[] }>('GET', '/v1/chat/commands', { signal })).items,
    staleTime: 5 * 60_000,
  })

export const useInvitation = (code: string) =>
  useQuery({
    queryKey: ['invitation', code],
    queryFn: ({ signal }) => call<Invitation>('GET', invitationPath(code), { signal }),
  })

export const invitationPath = (code: string, action?: 'accept' | 'decline'): string =>
  `/v1/teams/invitations/${encodeURIComponent(code)}${action ? `/${action}` : ''}`
