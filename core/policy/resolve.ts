import type { Effort, ModelChoice } from '../models/model.ts'
import type { Chosen, ModelWanted, PolicyCase } from './choice.ts'
import { closedTool, tooMuch } from './closed.ts'
import type { Policy } from './document.ts'
import { isListed, isSame, type ModelName, type ModelPrice, nameOf, splitName } from './model-name.ts'
import { standardModels } from './standard.ts'

/** A connection whose secret may be shown to a provider. */
export interface UsableConnection {
  id: string
  name: string
  provider: string
}

/** How the budgets stand that count what is asked, before it is. `words` name the budget. */
export type BudgetStanding = { level: 'fine' } | { level: 'low' | 'exceeded'; words: string }

/** Everything that decides which model is asked. */
export interface PolicyFacts {
  policy: Policy
  /** `Acme Rockets`, `your personal context`: whose policy it is, in a sentence. */
  where: string
  wanted: Pick<ModelWanted, 'jobId' | 'agentId' | 'toolId' | 'asked'>
  /** Those nearest first. */
  connections: readonly UsableConnection[]
  /** Ids of connections that are left alone for a while, because they failed. */
  open: ReadonlySet<string>
  prices: readonly ModelPrice[]
  /** Of the budgets that count whatever is asked. */
  standing: BudgetStanding
  /** Of those that count what one provider is asked, by its name; left out where there is none. */
  providers: Readonly<Record<string, BudgetStanding>>
}

/** A model on the way to being asked, with what led to it so far. */
interface Candidate {
  price: ModelPrice
  because: PolicyCase
  /** Clauses of the sentence that explains it. */
  why: string[]
}

type Way = { connection: string | null; isSecond?: boolean } | 'none' | 'open'

export const MOCK: ModelPrice = {
  provider: 'mock',
  model: 'mock-1',
  rates: { inputMicros: 100_000n, outputMicros: 400_000n, cachedInputMicros: 10_000n },
  maxOutputTokens: 8_192,
}

/** Of an answer, where nobody says how long it may be. */
const USUAL_TOKENS = 1_024
const MOST_TOKENS = 8_192

/**
 * Which model is asked, or why none is, with the one of six cases that decided it: the context's default; what a job, an agent
 * or a tool gets instead; what is not allowed; nothing to reach it with; a budget; a provider that fails. The mock comes before
 * all of them where it is on. Never gives a model that is not allowed or has no price; the mock alone needs no leave.
 */
export function resolvePolicy(facts: PolicyFacts): Chosen {
  const { policy, where, standing } = facts
  const refused = closedTool(facts)
  if (refused) return refused
  if (policy.mock)
    return mocked(facts, 'team_default', [`the mock is on in ${where}, so it answers and no model is asked`])
  if (standing.level === 'exceeded')
    return refusal('budget', 'limit_reached', `${standing.words}, so no model is asked`)
  const asked = askedFor(facts)
  if (asked === undefined) return withoutName(facts)
  const { source, text, because } = asked
  const found = priceOf(facts, text)
  if (!found) {
    // One that is not allowed is refused as that, whether it has a price or not.
    const name = splitName(text)
    if (!isListed(policy.allowed, { provider: name.provider ?? 'mock', model: name.model }))
      return notAllowed(facts, asked, text)
    const sentence = `there is no price for ${text}, which ${source}, so it is not asked; a platform admin sets prices`
    return refusal(because, 'price_unknown', sentence)
  }
  if (!isAllowed(policy, found)) return notAllowed(facts, asked, nameOf(found))
  return onward(facts, { price: found, because, why: [`${nameOf(found)} is what ${source}`] })
}

interface Asked {
  text: string
  because: PolicyCase
  /** `job x asks for`, to be read behind "which" and "what". */
  source: string
}

/** What somebody in charge decided for the agent, the job or the tool; then what the step asks for; then the default. */
function askedFor({ policy, where, wanted }: PolicyFacts): Asked | undefined {
  const { agentId, jobId, toolId, asked } = wanted
  const overridden = (
    [
      ['agents', agentId, 'agent'],
      ['jobs', jobId, 'job'],
      ['tools', toolId, 'tool'],
    ] as const
  ).find(([kind, id]) => id !== null && own(policy.overrides[kind], id)?.model !== undefined)
  if (overridden) {
    const [kind, id, word] = overridden
    const text = own(policy.overrides[kind], id ?? '')?.model ?? ''
    return { text, because: 'job_override', source: `the policy of ${where} gives the ${word} ${id}` }
  }
  if (asked.model !== undefined) {
    const who = agentId !== null ? `the agent ${agentId}` : jobId !== null ? `the job ${jobId}` : `the tool ${toolId}`
    return { text: asked.model, because: 'job_override', source: `${who} asks for` }
  }
  if (!policy.default) return undefined
  return { text: policy.default.model, because: 'team_default', source: `the policy of ${where} has as its default` }
}

const own = <T>(record: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

const isAllowed = (policy: Policy, one: ModelName): boolean => one.provider === 'mock' || isListed(policy.allowed, one)

/** A model by its name; of several providers that have it the first that can be reached, and then the first. */
function priceOf(facts: PolicyFacts, text: string): ModelPrice | undefined {
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
function wayTo({ connections, open }: PolicyFacts, { provider, connection: only }: ModelPrice): Way {
  if (provider === 'mock') return { connection: null }
  const fitting = connections.filter(
    (connection) => connection.provider === provider && (only === undefined || connection.id === only),
  )
  const first = fitting.find(({ id }) => !open.has(id))
  if (!first) return fitting.length === 0 ? 'none' : 'open'
  return { connection: first.id, isSecond: first !== fitting[0] }
}

/** The policy says what becomes of what it does not allow. */
function notAllowed(facts: PolicyFacts, { source }: Asked, name: string): Chosen {
  const { policy, where } = facts
  const what = `${name}, which ${source}, is not among what ${where} allows (${policy.allowed.join(', ')})`
  if (policy.onDisallowed === 'refuse') return refusal('override_refused', 'policy_refused', `${what}`)
  const standard = policy.default && priceOf(facts, policy.default.model)
  const nearest = [...(standard ? [standard] : []), ...listedPrices(facts)].filter((price) => isAllowed(policy, price))
  const price = nearest.find((one) => typeof wayTo(facts, one) === 'object') ?? nearest[0]
  if (!price) return refusal('override_refused', 'price_unknown', `${what}, and nothing that is allowed has a price`)
  return onward(facts, { price, because: 'override_refused', why: [what, `so ${nameOf(price)} is asked instead`] })
}

/** Everything allowed that has a price, in the order of the list. */
const listedPrices = ({ policy, prices }: PolicyFacts): ModelPrice[] =>
  policy.allowed.flatMap((pattern) => prices.filter((price) => price.model !== '*' && isListed([pattern], price)))

/** Nobody named a model: a usual one of the first provider that is connected. */
function withoutName(facts: PolicyFacts): Chosen {
  const { policy, connections, prices } = facts
  if (connections.length === 0) {
    const sentence = 'no provider is connected'
    if (policy.onNoConnection === 'refuse')
      return refusal('no_connection', 'policy_refused', `${sentence}, and none is named`)
    return mocked(facts, 'no_connection', [`${sentence}, so the mock answers`])
  }
  const usual = connections.flatMap(({ provider }) => standardModels(provider, prices))
  const allowed = usual.filter((price) => isAllowed(policy, price))
  const price = allowed.find((one) => typeof wayTo(facts, one) === 'object') ?? allowed[0]
  if (!price) {
    return refusal('team_default', 'price_unknown', 'no model that is connected here is allowed and has a price')
  }
  const why = [`nobody names a model, so ${nameOf(price)} is asked: it is usual for what is connected`]
  return onward(facts, { price, because: 'team_default', why })
}

/** From the model that is meant to the one that can be reached. */
function onward(facts: PolicyFacts, meant: Candidate): Chosen {
  const standing = standingFor(facts, meant.price)
  if (standing.level === 'exceeded') return withoutBudget(facts, meant, standing.words)
  const way = wayTo(facts, meant.price)
  if (way === 'open') return failedOver(facts, meant)
  if (way === 'none') return withoutWay(facts, meant)
  const through = way.isSecond ? nameOfConnection(facts, way.connection) : undefined
  if (through === undefined) return chosen(facts, meant, way.connection)
  const why = [
    `another connection to ${meant.price.provider} fails at the moment`,
    `so ${nameOf(meant.price)} is asked through ${through}`,
  ]
  return chosen(facts, { ...meant, because: 'circuit_open', why }, way.connection)
}

/** How the budgets stand for a model of one provider: the worse of two. */
function standingFor({ standing, providers }: PolicyFacts, { provider }: ModelName): BudgetStanding {
  const its = providers[provider] ?? { level: 'fine' }
  return RANK[its.level] > RANK[standing.level] ? its : standing
}

function lowFor(facts: PolicyFacts, price: ModelName): { level: 'fine' | 'low'; words: string } {
  const standing = standingFor(facts, price)
  return standing.level === 'fine' ? { level: 'fine', words: '' } : { level: 'low', words: standing.words }
}

const RANK = { fine: 0, low: 1, exceeded: 2 }

/** What one provider may cost is spent: something of another, or nothing. */
function withoutBudget(facts: PolicyFacts, meant: Candidate, words: string): Chosen {
  const next = fallback(facts, meant.price)
  if (!next) return refusal('budget', 'limit_reached', `${words}, so ${nameOf(meant.price)} is not asked`)
  const why = [words, `so ${nameOf(next.price)} is asked in place of ${nameOf(meant.price)}`]
  return chosen(facts, { price: next.price, because: 'budget', why }, next.connection)
}

const isSpent = (facts: PolicyFacts, price: ModelName): boolean => standingFor(facts, price).level === 'exceeded'

const nameOfConnection = ({ connections }: PolicyFacts, id: string | null): string | undefined =>
  connections.find((connection) => connection.id === id)?.name

/** The next in the list of cheaper ones that really is cheaper, allowed, priced and within reach. */
function cheaperThan(facts: PolicyFacts, than: ModelPrice): ModelPrice | undefined {
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

function failedOver(facts: PolicyFacts, candidate: Candidate): Chosen {
  const failing = `${candidate.price.provider} fails at the moment`
  const next = fallback(facts, candidate.price)
  if (next) {
    const why = [failing, `so ${nameOf(next.price)} is asked in place of ${nameOf(candidate.price)}`]
    return chosen(facts, { price: next.price, because: 'circuit_open', why }, next.connection)
  }
  // It may be well again when the call is made; until then the call waits.
  const connection = facts.connections.find(({ provider }) => provider === candidate.price.provider)?.id ?? null
  const why = [
    failing,
    `and the policy of ${facts.where} names nothing else, so ${nameOf(candidate.price)} is asked when it is back`,
  ]
  return chosen(facts, { ...candidate, because: 'circuit_open', why }, connection)
}

function withoutWay(facts: PolicyFacts, candidate: Candidate): Chosen {
  const { policy, where, connections } = facts
  const missing = `no connection to ${candidate.price.provider} can be used in ${where}`
  const next = policy.onNoConnection === 'fallback' ? fallback(facts, candidate.price) : undefined
  if (next) {
    const why = [missing, `so ${nameOf(next.price)} is asked in place of ${nameOf(candidate.price)}`]
    return chosen(facts, { price: next.price, because: 'no_connection', why }, next.connection)
  }
  if (policy.onNoConnection === 'mock' || (policy.onNoConnection === 'fallback' && connections.length === 0)) {
    return mocked(facts, 'no_connection', [missing, `so the mock answers in place of ${nameOf(candidate.price)}`])
  }
  const sentence = `${missing}, and its policy names nothing that can stand in for ${nameOf(candidate.price)}`
  return refusal('no_connection', 'policy_refused', sentence)
}

/** The first of the fallbacks that is allowed, priced and within reach. */
function fallback(
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

const mocked = (facts: PolicyFacts, because: PolicyCase, why: string[]): Chosen =>
  chosen(facts, { price: priceOf(facts, nameOf(MOCK)) ?? MOCK, because, why }, null)

/** What is asked: the model that can be reached, or a cheaper one while a budget runs low. */
function chosen(facts: PolicyFacts, reached: Candidate, through: string | null): Chosen {
  const { policy, wanted, where } = facts
  const { level, words } = lowFor(facts, reached.price)
  const cheaper = level === 'low' && reached.price.provider !== 'mock' ? cheaperThan(facts, reached.price) : undefined
  const hasHalf = level === 'low' && reached.price.provider !== 'mock' && !cheaper
  const name = nameOf(reached.price)
  const { price, because, why }: Candidate = cheaper
    ? {
        price: cheaper,
        because: 'budget',
        why: [words, `so the cheaper ${nameOf(cheaper)} is asked instead of ${name}`],
      }
    : hasHalf
      ? { price: reached.price, because: 'budget', why: [words, `so ${name} answers in half the length`] }
      : reached
  const way = cheaper ? wayTo(facts, cheaper) : { connection: through }
  const connection = typeof way === 'object' ? way.connection : through
  const given = givenShape(policy, wanted)
  const over = tooMuch(policy, given)
  if (over !== undefined && policy.onDisallowed === 'refuse' && price.provider !== 'mock') {
    return refusal('override_refused', 'policy_refused', `${over}, which ${where} does not allow`)
  }
  const { most } = policy
  const tokens = Math.min(given.maxTokens, most.maxTokens ?? given.maxTokens, price.maxOutputTokens ?? MOST_TOKENS)
  const choice: ModelChoice = {
    provider: price.provider,
    model: price.model,
    connection,
    effort: price.provider === 'mock' ? null : lesser(given.effort, most.effort),
    maxTokens: hasHalf ? Math.max(1, Math.floor(tokens / 2)) : tokens,
    rates: price.rates,
  }
  const isClamped = over !== undefined && price.provider !== 'mock'
  return {
    choice,
    because: isClamped && because !== 'budget' ? 'override_refused' : because,
    explain: sentence(isClamped ? [...why, `${over}, so it gets less`] : why),
    allowed: policy.allowed,
    standing: lowFor(facts, price).level,
  }
}

interface Shape {
  effort: Effort | null
  maxTokens: number
}

/** How hard and how long it is to think: what the step asks for, else the override, else the default. */
function givenShape(
  { overrides, default: usual }: Policy,
  { agentId, jobId, toolId, asked }: PolicyFacts['wanted'],
): Shape {
  const decided = [
    agentId === null ? undefined : own(overrides.agents, agentId),
    jobId === null ? undefined : own(overrides.jobs, jobId),
    own(overrides.tools, toolId),
  ]
  const first = <K extends 'effort' | 'maxTokens'>(key: K) =>
    [...decided, asked, usual ?? {}].find((one) => one?.[key] !== undefined)?.[key]
  return { effort: first('effort') ?? null, maxTokens: first('maxTokens') ?? USUAL_TOKENS }
}

const EFFORTS: readonly Effort[] = ['low', 'medium', 'high']

const lesser = (effort: Effort | null, most: Effort | undefined): Effort | null =>
  effort !== null && most !== undefined && EFFORTS.indexOf(effort) > EFFORTS.indexOf(most) ? most : effort

export const refusal = (
  because: PolicyCase,
  code: 'policy_refused' | 'price_unknown' | 'limit_reached',
  words: string,
): Chosen => ({ refused: { code, message: sentence([words]) }, because })

/** Clauses as one sentence: what stands in front of a name stays as it is written. */
function sentence(clauses: readonly string[]): string {
  const [first = '', ...rest] = clauses
  const begin = /^(the|no|nobody|there|another) /.test(first) ? `${first[0]?.toUpperCase()}${first.slice(1)}` : first
  return `${[begin, ...rest].join(', ')}.`
}
