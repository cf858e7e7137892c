import type { Outbound } from '../outbound/outbound.ts'
import { askMock } from './mock.ts'
import { ModelError, type Models } from './model.ts'

/** The models that are asked for real, over the guarded client, and the mock. What speaks to providers is loaded with the first call. */
export function createModels(outbound: Pick<Outbound, 'open'>): Models {
  return {
    async ask(request, credential) {
      if (request.choice.provider === 'mock') return askMock(request)
      if (!credential) throw new ModelError('auth_failed', `There is no key for ${request.choice.provider}.`)
      const { askProvider } = await import('./providers/ask.ts')
      return askProvider(outbound, request, credential)
    },
  }
}
