import { z } from 'zod'
import type { ConnectionView, TestResult } from '#core/connections/view.ts'
import type { EndpointView } from '#core/endpoints/read.ts'
import type { Json } from '#core/json.ts'
import type { PriceView } from '#core/models/prices.ts'
import type { ProviderView } from '#core/providers/read.ts'
import type { JsonSchema } from '#core/schema.ts'
import type { SigningView } from '#core/signing/secrets.ts'
import type { ToolInfo } from '#core/tools/tool.ts'
import { context, failure, moment, object, shapeOf, usd } from './shape.ts'

export const jsonSchema = object<JsonSchema>('A JSON Schema')
const words = z.record(z.string(), z.string())
const template = z.object({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH']),
  url: z.string(),
  headers: words,
  query: words,
  body: z.custom<Json>(),
})
const tested = { provider: z.string(), latencyMs: z.int() }
const testCodes = [
  'auth_failed',
  'forbidden',
  'rate_limited',
  'quota_exhausted',
  'model_not_found',
  'timeout',
  'network',
  'tls',
  'provider_5xx',
  'bad_response',
] as const
const passed = z.object({ ok: z.literal(true), ...tested, version: z.string().nullable() })
const failed = z.object({ ok: z.literal(false), ...tested, error: failure.extend({ code: z.enum(testCodes) }) })

export const TOOL_VIEWS = {
  Tool: shapeOf<Omit<ToolInfo, 'price'>>()(
    z.object({
      toolId: z.string(),
      version: z.string(),
      displayName: z.string(),
      description: z.string(),
      category: z.string(),
      inputSchema: jsonSchema,
      outputSchema: jsonSchema,
      delivery: z.enum(['immediate', 'callback']),
      timeoutMs: z.int(),
      retry: z.object({ maxAttempts: z.int(), backoffMs: z.int(), capMs: z.int() }),
      sideEffect: z.enum(['none', 'read', 'write', 'spend']),
      visibility: z.enum(['public', 'team', 'internal']),
      platformHints: z.object({
        primaryInput: z.string().exactOptional(),
        accepts: z.array(z.string()).exactOptional(),
      }),
    }),
  ).extend({
    price: z
      .object({ unit: z.enum(['run', 'second', 'token', 'request', 'kilobyte']), rateUsd: usd, maxUsd: usd })
      .nullable()
      .meta({ description: 'Null where there is none: it cannot be run, or costs what its provider asks' }),
  }),
  Endpoint: shapeOf<EndpointView>()(
    z.object({
      id: z.string(),
      toolId: z.string(),
      name: z.string(),
      description: z.string(),
      method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']),
      url: z.string(),
      headers: words,
      connection: z.string().nullable(),
      bodySchema: jsonSchema.nullable(),
      timeoutMs: z.int(),
      maxRequestBytes: z.int(),
      maxResponseBytes: z.int(),
      fireAndForget: z.boolean(),
      response: words.nullable(),
      breaker: z.object({
        state: z.enum(['closed', 'open', 'half_open']),
        failures: z.int(),
        openUntil: moment.nullable(),
      }),
      createdBy: z.string(),
      createdAt: moment,
      updatedAt: moment,
    }),
  ),
  Provider: shapeOf<ProviderView>()(
    z.object({
      id: z.string(),
      name: z.string(),
      description: z.string(),
      connection: z.string().nullable(),
      submit: template,
      poll: template.nullable(),
      runIdPath: z.string(),
      statusPath: z.string(),
      successValues: z.array(z.string()),
      failureValues: z.array(z.string()),
      resultPath: z.string(),
      errorPath: z.string().nullable(),
      deadlineMs: z.int(),
      price: z.object({ unit: z.literal('run'), rateUsd: usd, maxUsd: usd }).nullable(),
      secret: z.string().nullable(),
      isShipped: z.boolean(),
      createdBy: z.string(),
      createdAt: moment,
      updatedAt: moment,
    }),
  ),
  Price: shapeOf<PriceView>()(
    z.union([
      z.object({
        kind: z.literal('model'),
        provider: z.string(),
        model: z.string(),
        connection: z.string().nullable(),
        inputUsd: usd.meta({ description: 'For a million tokens' }),
        outputUsd: usd,
        cachedInputUsd: usd,
        contextTokens: z.int().nullable(),
        outputTokensMax: z.int().nullable(),
        setBy: z.string().nullable(),
        effectiveAt: moment,
        state: z.enum(['current', 'past', 'coming']),
      }),
      z.object({
        kind: z.literal('tool'),
        toolId: z.string(),
        unit: z.string(),
        rateUsd: usd,
        maxUsd: usd,
        effectiveAt: moment,
        state: z.enum(['current', 'past', 'coming']),
      }),
    ]),
  ),
  PriceSet: z.object({ effectiveAt: moment }),
  Connection: shapeOf<ConnectionView>()(
    z.object({
      id: z.string(),
      name: z.string(),
      provider: z.string(),
      baseUrl: z.string(),
      auth: z.union([
        z.object({ type: z.literal('bearer') }),
        z.object({ type: z.literal('basic'), user: z.string() }),
        z.object({ type: z.literal('header'), name: z.string() }),
        z.object({ type: z.literal('query'), name: z.string() }),
      ]),
      testPath: z.string().nullable(),
      owner: z.union([context, z.object({ type: z.literal('instance'), id: z.null() })]),
      origin: z
        .enum(['stored', 'environment'])
        .meta({ description: 'What the operator gave in the environment is changed there and nowhere else' }),
      hint: z
        .string()
        .nullable()
        .meta({ description: 'The last four characters of the secret, for who may change it' }),
      version: z.int().meta({ description: 'Counts the secrets it has had' }),
      isReadable: z.boolean(),
      lastTest: z.union([passed.extend({ at: moment }), failed.extend({ at: moment })]).nullable(),
      createdBy: z.string().nullable(),
      createdAt: moment.nullable(),
      rotatedAt: moment.nullable(),
      mayChange: z.boolean(),
      mayTest: z.boolean(),
    }),
  ),
  ConnectionTest: shapeOf<TestResult>()(z.union([passed, failed])),
  SigningSecret: shapeOf<SigningView>()(
    z.object({
      secret: z.string(),
      createdAt: moment.nullable(),
      previous: z.object({ secret: z.string(), validUntil: moment }).nullable(),
    }),
  ),
}
