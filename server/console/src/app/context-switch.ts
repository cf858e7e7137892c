import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call, newKey, sentenceOf } from '../api/client.ts'
import type { Context, SendAnswer } from '../api/types.ts'
import { notifyFailure } from './notify.ts'

/** Changes who pays, by saying so in the chat: the choice is remembered there and stands on record like any command. */
export function useSwitchContext(onDone: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (context: Pick<Context, 'type' | 'id'>) => {
      const text = context.type === 'team' ? `/setcontext team ${context.id}` : '/setcontext personal'
      return call<SendAnswer>('POST', '/v1/chat/messages', { body: { text }, idempotencyKey: newKey() })
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['me'] })
      void client.invalidateQueries({ queryKey: ['wallet'] })
      void client.invalidateQueries({ queryKey: ['chat'] })
      onDone()
    },
    onError: (error) => notifyFailure('Not changed', sentenceOf(error)),
  })
}
