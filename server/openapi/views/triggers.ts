import { z } from 'zod'
import type { EventFilter } from '#core/rules/filter.ts'
import type { RuleFireView, RuleView } from '#core/rules/view.ts'
import type { TriggerFilter } from '#core/triggers/filter.ts'
import type { TriggerMapping } from '#core/triggers/mapping.ts'
import type { Payload } from '#core/triggers/payload.ts'
import type { Preview } from '#core/triggers/preview.ts'
import type { Received } from '#core/triggers/receive.ts'
import type { Example } from '#core/triggers/terms.ts'
import type { DeliveryView, TriggerView } from '#core/triggers/view.ts'
import { context, failure, json, moment, object, shapeOf, usd } from './shape.ts'

const trigger = {
  id: z.string(),
  name: z.string(),
  url: z.string().meta({ description: 'Where the other side sends its requests' }),
  jobId: z.string(),
  mapping: object<TriggerMapping>('From the name of an input to `header`, `body`, `template` or `value`'),
  filter: object<TriggerFilter>('Which deliveries start something: `headers` and `body`'),
  example: object<Example>('A request as it may come').nullable(),
  scheme: z.enum(['standard_webhooks', 'github', 'stripe', 'bearer']),
  hint: z.string().nullable().meta({ description: 'The last characters of the secret, for those who may change it' }),
  version: z.int().meta({ description: 'Counts the secrets it has had' }),
  context,
  ownerId: z.string().meta({ description: 'Whose rights its runs have' }),
  budgetUsd: usd.nullable(),
  usedUsd: usd.nullable(),
  ratePerMinute: z.int(),
  status: z.enum(['active', 'paused']),
  problem: failure.extend({ at: moment }).nullable().meta({ description: 'Why the last delivery started nothing' }),
  cappedAt: moment
    .nullable()
    .meta({ description: 'When deliveries were last turned away because there were too many' }),
  lastDeliveryAt: moment.nullable(),
  createdAt: moment,
  rotatedAt: moment.nullable(),
  mayChange: z.boolean(),
}
const secret = z.string().meta({ description: 'Only in the answer to the request that made it' }).exactOptional()

const delivery = shapeOf<DeliveryView>()(
  z.object({
    id: z.string(),
    receivedAt: moment,
    externalId: z.string().nullable().meta({ description: 'The sender’s own name for it' }),
    status: z.enum(['accepted', 'started', 'refused', 'ignored']),
    runId: z.string().nullable(),
    runStatus: z.string().nullable(),
    costUsd: usd.nullable(),
    reason: failure.nullable(),
    sizeBytes: z.int(),
    replayOf: z.string().nullable(),
    payload: object<Payload>('What came, without secrets').nullable().exactOptional(),
  }),
)

const rule = shapeOf<RuleView>()(
  z.object({
    id: z.string(),
    name: z.string(),
    command: z.string(),
    on: object<EventFilter>('Which events: `types`, `subject`, `actor`, `details`').nullable(),
    at: z.string().nullable().meta({ description: 'When it speaks, in words' }),
    nextAt: moment.nullable(),
    context,
    ownerId: z.string().meta({ description: 'Who says its command' }),
    ratePerHour: z.int(),
    status: z.enum(['active', 'paused', 'ended']),
    reason: z.string().nullable(),
    fires: z.int(),
    lastFiredAt: moment.nullable(),
    createdAt: moment,
  }),
)

export const TRIGGER_VIEWS = {
  Trigger: shapeOf<TriggerView>()(z.object(trigger)),
  TriggerWithSecret: shapeOf<TriggerView & { secret?: string }>()(z.object({ ...trigger, secret })),
  Delivery: delivery,
  DeliveryTaken: shapeOf<Received>()(z.object({ deliveryId: z.string(), status: z.literal('accepted') })),
  TriggerPreview: shapeOf<Preview>()(
    z.object({
      ignored: z.string().nullable().meta({ description: 'Why it would start nothing although it is right' }),
      inputs: json,
      problems: z.array(z.object({ path: z.string(), message: z.string() })),
      fits: z.boolean(),
      estimateUsd: usd.nullable(),
      maxUsd: usd.nullable(),
    }),
  ),
  Rule: rule,
  RuleMade: z.object({ rule }),
  RuleFire: shapeOf<RuleFireView>()(
    z.object({
      id: z.string(),
      at: moment,
      status: z.enum(['said', 'answered', 'refused', 'stopped', 'capped']),
      command: z.string(),
      event: z.object({ seq: z.int(), type: z.string() }).nullable(),
      chain: z.array(z.string()).meta({ description: 'The rules that led here, this one last' }),
      reason: z.string().nullable(),
      answers: z
        .array(z.object({ at: moment, text: z.string() }))
        .nullable()
        .meta({ description: 'For whoever it was said for' }),
    }),
  ),
}
