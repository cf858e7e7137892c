import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterCall, failureShare, HEALTHY, type Health, whyNotNow } from '#core/plans/health.ts'

const at = { nowMs: 1_000_000, everyMs: 60_000, maxMs: 3_600_000 }
const callsOf = (calls: readonly boolean[], from: Health = HEALTHY): Health =>
  calls.reduce((health, isGood) => afterCall(health, isGood, at).health, from)

describe('the health of a source', () => {
  it('is warned about from a quarter of failures on, and turned off from a half', () => {
    expect(callsOf([false, false, false]).state).toBe('ok')
    expect(callsOf([true, true, true, false]).state).toBe('warned')
    expect(callsOf([true, true, true, true, false]).state).toBe('ok')
    expect(callsOf([true, false, true, false, true]).state).toBe('warned')
    expect(callsOf([true, false, true, false, true, false]).state).toBe('disabled')
  })

  it('comes back by itself from a warning, and not from being off', () => {
    const warned = callsOf([true, true, true, false])
    expect(afterCall(warned, true, at)).toMatchObject({
      escalated: 'recovered',
      health: { state: 'ok', restsUntilMs: 0 },
    })
    const off = callsOf([false, false, false, false, false, false])
    expect(
      callsOf(
        Array.from({ length: 40 }, () => true),
        off,
      ).state,
    ).toBe('disabled')
  })

  it('rests twice as long for each failure in a row', () => {
    const rests = [4, 5].map((n) => callsOf(Array.from({ length: n }, () => false)).restsUntilMs - at.nowMs)
    expect(rests).toEqual([16 * 60_000, 32 * 60_000])
    expect(whyNotNow(callsOf([false, false, false, false]), { nowMs: at.nowMs, cooldownMs: 0 })).toMatch(
      /^it rests until/,
    )
  })

  it('keeps to its thresholds whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (calls) => {
        let health = HEALTHY
        for (const isGood of calls) {
          const before = health.state
          health = afterCall(health, isGood, at).health
          const share = failureShare(health.window)
          if (before !== 'disabled' && health.state === 'disabled') expect(share).toBeGreaterThanOrEqual(0.5)
          if (health.state === 'ok' && health.window.length >= 4) expect(share).toBeLessThan(0.25)
          expect(health.window.length).toBeLessThanOrEqual(20)
          expect(health.restsUntilMs).toBeLessThanOrEqual(at.nowMs + 2 * at.maxMs)
        }
      }),
    )
  })

  it('is left alone for a while after each call', () => {
    const health = { ...HEALTHY, lastCalledAtMs: 1_000 }
    expect(whyNotNow(health, { nowMs: 5_000, cooldownMs: 10_000 })).toMatch(/a moment ago/)
    expect(whyNotNow(health, { nowMs: 11_000, cooldownMs: 10_000 })).toBeUndefined()
  })
})
