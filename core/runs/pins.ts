import { decodeModelPins, encodeModelPins, type ModelPins, type StoredModelPins } from '../models/pins.ts'
import type { PriceUnit } from '../tools/tool.ts'

/** What a run keeps of the world as it was when it was submitted, so that nothing changes under it. */
export interface Pins {
  /** Price of each tool the run may use, by the name in jobs/price-key.ts. */
  prices: Record<string, { unit: PriceUnit; rateMicros: bigint; maxMicros: bigint }>
  /** Version of each nested job, by its name. */
  jobs: Record<string, { id: string; version: number }>
  /** Only of a run that a person has retried. */
  retried?: Retried
  /** Only of a run of a schedule or trigger that has a budget: where what it holds is counted. */
  fire?: BudgetKey
  /** Only of a run that a rule has started: the rules that led to it. */
  cause?: string[]
  /** Only of a run that something waits for: the key of the work that is woken by its end, each time it ends. */
  follower?: string
  /** Only of a run with steps that ask a model: which one, with whose credential, at what rates. */
  models?: ModelPins
  /** Only of a run that budgets tell apart by more than its job: what they know it by. */
  counted?: CountedAs
}

/** What budgets of an agent, a schedule or a provider know a run by. */
export interface CountedAs {
  agentIds?: string[]
  scheduleId?: string
  providers?: string[]
}

/** A fire of a schedule: the time it was due, or when somebody pressed. */
export interface FireKey {
  scheduleId: string
  dueAtMs: number
  byHand: 0 | 1
  /** Of a planned schedule, whose fires have several runs: which of them. */
  stage?: 'plan' | 'repair' | 'run' | 'next'
}

/** A delivery to a trigger. */
export interface DeliveryKey {
  triggerId: string
  deliveryId: string
}

export type BudgetKey = FireKey | DeliveryKey

/** What is over and settled of a run when a person takes it up again. */
export interface Retried {
  /** 2 the first time: part of every idempotency key, so that providers see a new request. */
  group: number
  /** Holds that are resolved; what follows is paid from those after them. */
  holds: number
  /** What it had cost by then. */
  costMicros: bigint
}

type StoredPrice = [unit: PriceUnit, rateMicros: string, maxMicros: string]

type Stored = Pick<Pins, 'jobs' | 'fire' | 'cause' | 'follower' | 'counted'> & {
  prices: Record<string, StoredPrice>
  retried?: Omit<Retried, 'costMicros'> & { costMicros: string }
  models?: StoredModelPins
}

export function encodePins(pins: Pins): string {
  const prices = Object.entries(pins.prices).map(([toolId, { unit, rateMicros, maxMicros }]): [string, StoredPrice] => [
    toolId,
    [unit, rateMicros.toString(), maxMicros.toString()],
  ])
  const { jobs, retried, fire, cause, follower, counted, models } = pins
  const stored: Stored = { prices: Object.fromEntries(prices), jobs }
  if (retried) stored.retried = { ...retried, costMicros: retried.costMicros.toString() }
  if (fire) stored.fire = fire
  if (cause) stored.cause = cause
  if (follower) stored.follower = follower
  if (models) stored.models = encodeModelPins(models)
  if (counted) stored.counted = counted
  return JSON.stringify(stored)
}

/** Most runs of a job have the same ones, and nobody changes them: those read lately are kept, by their text. */
const CACHE_SIZE = 500
const decoded = new Map<string, Pins>()

export function decodePins(json: string): Pins {
  const known = decoded.get(json)
  if (known) return known
  if (decoded.size >= CACHE_SIZE) decoded.clear()
  const pins = decodeNow(json)
  decoded.set(json, pins)
  return pins
}

function decodeNow(json: string): Pins {
  const { prices, jobs, retried, fire, cause, follower, counted, models } = JSON.parse(json) as Stored
  const entries = Object.entries(prices).map(([toolId, [unit, rate, max]]): [string, Pins['prices'][string]] => [
    toolId,
    { unit, rateMicros: BigInt(rate), maxMicros: BigInt(max) },
  ])
  const pins: Pins = {
    prices: Object.fromEntries(entries),
    jobs,
    ...(fire ? { fire } : {}),
    ...(cause ? { cause } : {}),
    ...(follower ? { follower } : {}),
    ...(models ? { models: decodeModelPins(models) } : {}),
    ...(counted ? { counted } : {}),
  }
  return retried ? { ...pins, retried: { ...retried, costMicros: BigInt(retried.costMicros) } } : pins
}
