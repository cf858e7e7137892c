import { expect } from 'vitest'
import { parseUsd } from '#core/money.ts'
import type { ModelPeer } from '#tests/peers/models/peer.ts'
import type { AgentStage } from './agent-stage.ts'
import { untilOver } from './agent-story.ts'

const ANSWER = 'One answer, in several pieces, so that there is a while in which it is written.'
const PIECE_MS = 25

/** How each question is answered: piece by piece, for about half a second. */
export function teach(peer: ModelPeer): void {
  peer.mock.onMessage('Say it.', { content: ANSWER }, { chunkSize: 4, latency: PIECE_MS })
}

/**
 * A question to a model, whose process ends itself wherever it comes to, or is ended by `end`. True when it ended before the
 * run was over. A question whose answer was not written is asked again; each is on record, and paid for once.
 */
export async function askedAndEnded(
  stage: AgentStage,
  peer: ModelPeer,
  { where, kills, next, end }: { where: string; kills: number; next(): Promise<void>; end?: () => Promise<void> },
): Promise<boolean> {
  const before = peer.mock.getRequests().length
  const asked = (): number => peer.mock.getRequests().length - before
  stage.arm()
  const runId = await stage.ask('llm.generate', { prompt: 'Say it.', maxTokens: 200 })
  const ended = end ? end() : stage.ended()
  const wasOver = await untilOver(stage, runId, ended)
  const atDeath = await stage.traces(runId)
  const askedThen = asked()
  await stage.kill()
  await next()
  await untilOver(stage, runId)
  const { run, calls, transfers } = await stage.traces(runId)
  expect(run, where).toMatchObject({ status: 'succeeded', outputs: { text: ANSWER } })
  if (atDeath.run.steps[0]?.status === 'succeeded') expect(asked(), where).toBe(askedThen)
  expect(calls.length, where).toBeLessThanOrEqual(1 + kills)
  // None goes out that is not on record; of one that is, nobody knows whether it went.
  expect(asked(), where).toBeGreaterThanOrEqual(1)
  expect(asked(), where).toBeLessThanOrEqual(calls.length)
  expect(calls.filter(({ status }) => status === 'ended').length, where).toBeGreaterThanOrEqual(1)
  expect(
    calls.every(({ status, isCharged }) => isCharged && status !== 'begun'),
    where,
  ).toBe(true)
  const cost = calls.reduce((sum, call) => sum + call.cost, 0n)
  expect(parseUsd(run.costUsd), where).toBe(cost)
  expect(cost, where).toBeGreaterThan(0n)
  const charged = transfers.filter((one) => one.startsWith('posted')).map((one) => BigInt(one.split(' ')[1] ?? 0))
  expect(
    charged.reduce((sum, one) => sum + one, 0n),
    where,
  ).toBe(cost)
  expect(await stage.ledger(), where).toEqual({ isSound: true, held: [] })
  return !wasOver
}
