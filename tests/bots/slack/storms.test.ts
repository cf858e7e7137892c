import { afterEach, describe, expect, it } from 'vitest'
import { createSlackHarness } from '#tests/bots/slack/conformance-harness.ts'
import { DIALECTS } from '#tests/support/database.ts'
import type { Harness } from '../conformance.ts'
import { weatherStorms } from '../storms.ts'
import { TestCommands } from '../test-commands.ts'

describe.each(DIALECTS)('Slack asks one channel to wait, on %s', (dialect) => {
  let harness: Awaited<ReturnType<typeof createSlackHarness>>
  afterEach(async () => {
    const complaints = harness.complaints()
    await harness.end()
    expect(complaints).toEqual([])
  })

  it('nothing of it is lost, doubled or out of order, and the others hear nothing of it', {
    timeout: 120_000,
  }, async () => {
    harness = await createSlackHarness('socket', new TestCommands(), dialect)
    const { peer } = harness
    const places = new Map<string, string>()
    for (const who of ['Ann', 'Bob', 'Person1', 'Person2', 'Person3', 'Person4']) {
      places.set(who, await peer.direct(`U0${who.toUpperCase()}`))
    }
    await weatherStorms({
      harness: harness satisfies Harness,
      async limit(where, retryAfter) {
        const channel = places.get(where) ?? ''
        peer.failNext({ method: '*', channel, count: Number.POSITIVE_INFINITY, fault: { retryAfter } })
        return () => peer.clearFaults()
      },
      sentAtMs: (where, words) =>
        peer
          .callsOf('chat.postMessage')
          .find(({ args, result }) => args.channel === places.get(where) && args.text === words && result?.ok === true)
          ?.atMs,
    })
  })
})
