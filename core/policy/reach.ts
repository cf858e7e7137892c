import type { BudgetStanding, PolicyFacts, UsableConnection } from './choice.ts'
import type { Policy } from './document.ts'
import { isListed, isSame, type ModelName, type ModelPrice, splitName } from './model-name.ts'

export const MOCK: ModelPrice = {
  provider: 'mock',
  model: 'mock-1',
  rates: { inputMicros: 100_000n, outputMicros: 400_000n, cachedInputMicros: 10_000n },
  maxOutputTokens: 8_192,
}

type Way = { connection: string | null; isSecond?: boolean } | 'none' | 'open'

export const isAllowed = (policy: Policy, one: ModelName): boolean =>
  one.provider === 'mock' || isListed(policy.allowed, one)

/** A model by its name; of several providers that have it the first that can be reached, and then the first. */
export function priceOf(facts: PolicyFacts, text: string): ModelPrice | undefined {
  const { provider, model } = splitName(text)
  const fitting = [...facts.prices, MOCK].flatMap((price) => {
    if (provider !== undefined && price.provider !== provider) return []
    // Whatever stands behind a connection is meant only by who names its provider.
    return price.model === model || (price.model === '*' && provider !== undefined) ? [{ ...price, model }] : []
  })
  const allowed = fitting.filter((price) => isAllowed(facts.policy, price))
  return allowed.find((price) => typeof wayTo(facts, price) === 'object') ?? allowed[0] ?? fitting[0]
}

/** How a model is reached at this moment: through the nearest connection that does not fail. */
export function wayTo({ connections, open }: PolicyFacts, { provider, connection: only }: ModelPrice): Way {
  if (provider === 'mock') return { connection: null }
  const fitting = connections.filter(
    (connection) => connection.provider === provider && (only === undefined || connection.id === only),
  )
  const first = fitting.find(({ id }) => !open.has(id))
  if (!first) return fitting.length === 0 ? 'none' : 'open'
  return { connection: first.id, isSecond: first !== fitting[0] }
}

/** Everything allowed that has a price, in the order of the list. */
export const listedPrices = ({ policy, prices }: PolicyFacts): ModelPrice[] =>
  policy.allowed.flatMap((pattern) => prices.filter((price) => price.model !== '*' && isListed([pattern], price)))

/** How the budgets stand for a model of one provider: the worse of two. */
export function standingFor({ standing, providers }: PolicyFacts, { provider }: ModelName): BudgetStanding {
  const its = providers[provider] ?? { level: 'fine' }
  return RANK[its.level] > RANK[standing.level] ? its : standing
}

export function lowFor(facts: PolicyFacts, price: ModelName): { level: 'fine' | 'low'; words: string } {
  const standing = standingFor(facts, price)
  return standing.level === 'fine' ? { level: 'fine', words: '' } : { level: 'low', words: standing.words }
}

const RANK = { fine: 0, low: 1, exceeded: 2 }

const isSpent = (facts: PolicyFacts, price: ModelName): boolean => standingFor(facts, price).level === 'exceeded'

export const nameOfConnection = ({ connections }: PolicyFacts, id: string | null): string | undefined =>
  connections.find((connection) => connection.id === id)?.name

/** The next in the list of cheaper ones that really is cheaper, allowed, priced and within reach. */
export function cheaperThan(facts: PolicyFacts, than: ModelPrice): ModelPrice | undefined {
  const listed = facts.policy.cheaper.flatMap((text) => priceOf(facts, text) ?? [])
  const place = listed.findIndex((price) => isSame(price, than))
  return listed
    .slice(place + 1)
    .find(
      (price) =>
        price.rates.outputMicros < than.rates.outputMicros &&
        price.rates.inputMicros <= than.rates.inputMicros &&
        isAllowed(facts.policy, price) &&
        !isSpent(facts, price) &&
        typeof wayTo(facts, price) === 'object',
    )
}

/** The first of the fallbacks that is allowed, priced and within reach. */
export function fallback(
  facts: PolicyFacts,
  instead: ModelPrice,
): { price: ModelPrice; connection: string | null } | undefined {
  for (const text of facts.policy.fallbacks) {
    const connection = facts.connections.find(({ id, name }) => name === text && !facts.open.has(id))
    const price = connection ? priceThrough(facts, connection, instead.model) : priceOf(facts, text)
    if (!price || !isAllowed(facts.policy, price) || isSpent(facts, price)) continue
    if (connection) return { price, connection: connection.id }
    const way = wayTo(facts, price)
    if (typeof way === 'object') return { price, connection: way.connection }
  }
  return undefined
}

/** What a model costs through one connection: by its own price before that of its provider. */
function priceThrough(
  { prices }: PolicyFacts,
  { id, provider }: UsableConnection,
  model: string,
): ModelPrice | undefined {
  const fitting = prices.filter(
    (price) =>
      price.provider === provider && (price.connection ?? id) === id && (price.model === model || price.model === '*'),
  )
  const found = fitting.find((price) => price.connection === id && price.model === model) ?? fitting[0]
  return found && { ...found, model }
}
