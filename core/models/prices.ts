import type { Tx } from '#db/db.ts'
import { insertModelPrice, listAllModelPrices, listAllToolPrices } from '#db/model-prices.ts'
import { insertPrice } from '#db/prices.ts'
import type { Actor } from '../actor.ts'
import { requirePlatformAdmin } from '../admin/require.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { JsonObject } from '../json.ts'
import { formatUsd, parseUsd } from '../money.ts'
import { once } from '../once.ts'
import type { PriceUnit } from '../tools/tool.ts'
import type { ModelProvider } from './model.ts'
import { isModelTool } from './model-tools.ts'
import { LISTED_PRICES } from './price-table.ts'

/** Puts in the prices of models that came with the program, valid from the beginning of time; rows that are there stay. */
export async function seedModelPrices(tx: Tx): Promise<void> {
  for (const {
    provider,
    model,
    inputUsd,
    outputUsd,
    cachedInputUsd,
    contextTokens,
    outputTokensMax,
  } of LISTED_PRICES) {
    await insertModelPrice.run(tx, {
      provider,
      connection: '',
      model,
      effectiveAtMs: 0,
      inputMicros: microsOf(inputUsd),
      outputMicros: microsOf(outputUsd),
      cachedInputMicros: microsOf(cachedInputUsd),
      contextTokens,
      outputTokensMax,
      setBy: null,
    })
  }
}

/** `current`: the one in force now; `past` and `coming` tell what was and will be. */
interface InTime {
  effectiveAt: string
  state: 'current' | 'past' | 'coming'
}

export type PriceView =
  | (InTime & {
      kind: 'model'
      provider: string
      model: string
      /** Null where it holds for every connection to the provider. */
      connection: string | null
      /** For a million tokens. */
      inputUsd: string
      outputUsd: string
      cachedInputUsd: string
      contextTokens: number | null
      outputTokensMax: number | null
      setBy: string | null
    })
  | (InTime & { kind: 'tool'; toolId: string; unit: string; rateUsd: string; maxUsd: string })

/** All prices with their history, models before tools. For everybody who is signed in: what things cost is no secret. */
export async function readPrices(core: Pick<Core, 'db' | 'clock'>): Promise<PriceView[]> {
  const nowMs = core.clock.nowMs()
  const inTime = inTimeAt(nowMs)
  const models = (await listAllModelPrices.all(core.db, {})).map((row): PriceView => {
    return {
      kind: 'model',
      provider: row.provider,
      model: row.model,
      connection: row.connection === '' ? null : row.connection,
      inputUsd: formatUsd(row.input_micros),
      outputUsd: formatUsd(row.output_micros),
      cachedInputUsd: formatUsd(row.cached_input_micros),
      contextTokens: row.context_tokens,
      outputTokensMax: row.output_tokens_max,
      setBy: row.set_by,
      ...inTime(`${row.provider}/${row.connection}/${row.model}`, row.effective_at_ms),
    }
  })
  const tools = (await listAllToolPrices.all(core.db, {})).map((row): PriceView => {
    return {
      kind: 'tool',
      toolId: row.tool_id,
      unit: row.unit,
      rateUsd: formatUsd(row.rate_micros),
      maxUsd: formatUsd(row.max_micros),
      ...inTime(row.tool_id, row.effective_at_ms),
    }
  })
  return [...models, ...tools]
}

/** Of each thing the newest that is not in the future is in force; they come newest first. */
function inTimeAt(nowMs: number): (key: string, effectiveAtMs: number) => InTime {
  const known = new Set<string>()
  return (key, effectiveAtMs) => {
    const effectiveAt = new Date(effectiveAtMs).toISOString()
    if (effectiveAtMs > nowMs) return { effectiveAt, state: 'coming' }
    if (known.has(key)) return { effectiveAt, state: 'past' }
    known.add(key)
    return { effectiveAt, state: 'current' }
  }
}

export type NewPrice = { effectiveAtMs?: number | undefined } & (
  | {
      provider: ModelProvider
      model: string
      connection?: string | undefined
      /** For a million tokens. */
      inputUsd: string
      outputUsd: string
      cachedInputUsd?: string | undefined
      contextTokens?: number | undefined
      outputTokensMax?: number | undefined
    }
  | { toolId: string; unit: PriceUnit; rateUsd: string; maxUsd: string }
)

/**
 * Sets what something costs from now or from a later time on. Runs that were submitted keep the price they were submitted
 * with, and nothing that was is changed: `conflict` for a time at which a price stands, `bad_input` for one that is over.
 */
export async function setPrice(
  core: Pick<Core, 'db' | 'clock' | 'tools'>,
  actor: Actor,
  price: NewPrice,
): Promise<{ effectiveAtMs: number }> {
  requirePlatformAdmin(actor)
  const nowMs = core.clock.nowMs()
  const { effectiveAtMs = nowMs } = price
  if (effectiveAtMs < nowMs) throw badInput('effectiveAt is over: what was paid stays as it was paid')
  if ('toolId' in price) checkToolPrice(core, price)
  const input = JSON.parse(JSON.stringify(price)) as JsonObject
  return core.db.write(async function setPriceOnce(tx) {
    return once(tx, { actor, operation: 'price.set', input, nowMs }, async () => {
      if ((await writePrice(tx, actor, price, effectiveAtMs)) === 0) {
        throw new AppError(
          'conflict',
          'From this very moment on another price was set already. Look at it, and set yours for a later time.',
        )
      }
      const subject = 'toolId' in price ? price.toolId : `${price.provider}/${price.model}`
      const { effectiveAtMs: _, ...details } = input
      const effectiveAt = new Date(effectiveAtMs).toISOString()
      await appendEvents(tx, nowMs, [
        { type: 'price.set', actor: actor.accountId, context: null, subject, details: { ...details, effectiveAt } },
      ])
      return { effectiveAtMs }
    })
  })
}

function checkToolPrice(
  { tools }: Pick<Core, 'tools'>,
  { toolId, unit, rateUsd, maxUsd }: Extract<NewPrice, { toolId: string }>,
): void {
  const tool = tools.find(toolId)
  if (!tool) throw new AppError('not_found', `There is no tool ${toolId} here.`)
  if (isModelTool(toolId) || toolId === 'agent.run')
    throw badInput(`${toolId} costs what its model costs: set the price of that`)
  if (tool.delivery === 'callback') throw badInput(`${toolId} costs what each provider asks: set it there`)
  if (unit !== tool.price.unit) throw badInput(`${toolId} is paid by the ${tool.price.unit}`)
  if (unit === 'run' && amountIn('maxUsd', maxUsd) < amountIn('rateUsd', rateUsd))
    throw badInput('maxUsd must cover the rate of one run')
}

const badInput = (what: string): AppError => new AppError('bad_input', `The price cannot be: ${what}.`)

function writePrice(tx: Tx, actor: Actor, price: NewPrice, effectiveAtMs: number): Promise<number> {
  if ('toolId' in price) {
    const { toolId, unit } = price
    const rateMicros = amountIn('rateUsd', price.rateUsd)
    return insertPrice.run(tx, { toolId, unit, rateMicros, maxMicros: amountIn('maxUsd', price.maxUsd), effectiveAtMs })
  }
  const { provider, model, connection = '', inputUsd, outputUsd, cachedInputUsd = inputUsd } = price
  return insertModelPrice.run(tx, {
    provider,
    model,
    connection,
    effectiveAtMs,
    inputMicros: amountIn('inputUsd', inputUsd),
    outputMicros: amountIn('outputUsd', outputUsd),
    // Who does not say it gets no discount.
    cachedInputMicros: amountIn('cachedInputUsd', cachedInputUsd),
    contextTokens: price.contextTokens ?? null,
    outputTokensMax: price.outputTokensMax ?? null,
    setBy: actor.accountId,
  })
}

function amountIn(name: string, usd: string): bigint {
  const micros = parseUsd(usd)
  if (micros === undefined) throw badInput(`${name} must be an amount in dollars, like 2.50`)
  return micros
}

function microsOf(usd: string): bigint {
  const micros = parseUsd(usd)
  if (micros === undefined) throw new Error(`Not an amount: ${usd}`)
  return micros
}
