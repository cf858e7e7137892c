import type { ProviderDefinition, RequestTemplate } from './provider.ts'

const HOUR_MS = 60 * 60 * 1000

const get = (url: string): RequestTemplate => ({ method: 'GET', url, headers: {}, query: {}, body: null })

/**
 * The two kinds of asynchronous API that are met most, as data. They are there to be copied: a copy adds the header with
 * the account's key and the price that the provider really asks.
 */
export const SHIPPED_PROVIDERS: readonly ProviderDefinition[] = [
  {
    name: 'comfydeploy',
    description: 'Runs a deployed ComfyUI workflow: params are deploymentId and inputs.',
    connection: null,
    submit: {
      ...get('https://api.comfydeploy.com/api/run/deployment/queue'),
      method: 'POST',
      body: {
        deployment_id: '{{ params.deploymentId }}',
        inputs: '{{ params.inputs }}',
        webhook: '{{ callbackUrl }}',
      },
    },
    poll: get('https://api.comfydeploy.com/api/run/{{ providerRunId }}'),
    runIdPath: 'run_id',
    statusPath: 'status',
    successValues: ['success'],
    failureValues: ['failed', 'timeout', 'cancelled'],
    resultPath: 'outputs',
    errorPath: 'error',
    deadlineMs: HOUR_MS,
    price: { unit: 'run', rateUsd: '0.05', maxUsd: '0.05' },
    secret: null,
  },
  {
    name: 'replicate',
    description: 'Runs a model version: params are version and input.',
    connection: null,
    submit: {
      ...get('https://api.replicate.com/v1/predictions'),
      method: 'POST',
      body: {
        version: '{{ params.version }}',
        input: '{{ params.input }}',
        webhook: '{{ callbackUrl }}',
        webhook_events_filter: ['completed'],
      },
    },
    poll: get('https://api.replicate.com/v1/predictions/{{ providerRunId }}'),
    runIdPath: 'id',
    statusPath: 'status',
    successValues: ['succeeded'],
    failureValues: ['failed', 'canceled', 'aborted'],
    resultPath: 'output',
    errorPath: 'error',
    deadlineMs: HOUR_MS,
    price: { unit: 'run', rateUsd: '0.05', maxUsd: '0.05' },
    secret: null,
  },
]
