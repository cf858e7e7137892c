import { LLMock } from '@copilotkit/aimock'
import type { ModelProvider } from '#core/models/model.ts'

/** A key that must be seen nowhere but in what a provider is sent. */
export const PEER_KEY = 'sk-canary-0123456789abcdef'

/** The providers as they speak, on loopback. */
export interface ModelPeer {
  host: string
  baseUrl(provider: Exclude<ModelProvider, 'mock'>): string
  mock: LLMock
  stop(): Promise<void>
}

export async function startModelPeer(): Promise<ModelPeer> {
  const mock = new LLMock({ port: 0 })
  await mock.start()
  const { url } = mock
  return {
    host: new URL(url).host,
    baseUrl: (provider) => (provider === 'google' ? `${url}/v1beta` : `${url}/v1`),
    mock,
    stop: async () => {
      await mock.stop()
    },
  }
}
