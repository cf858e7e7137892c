import { describe, expect, it } from 'vitest'
import { AppError } from '#core/errors.ts'
import type { JsonObject } from '#core/json.ts'
import { changeSettings, type NotificationSettings, settingsOf } from '#core/notifications/settings.ts'
import { NOTIFICATION_TYPES, type NotificationType, type Priority, TYPES } from '#core/notifications/types.ts'
import { wayOf } from '#core/notifications/way.ts'

const EVERYWHERE = ['telegram', 'slack', 'web']
const USUAL = settingsOf(null)
const set = (changes: JsonObject, before = USUAL): NotificationSettings => changeSettings(before, changes, EVERYWHERE)

const NOON = '2026-11-20T12:00:00Z'
const NIGHT = '2026-11-20T23:00:00Z'

const way = (
  type: NotificationType,
  settings: NotificationSettings,
  {
    at = NOON,
    priority = TYPES[type].priority,
    timeZone = 'UTC',
    isMuted = false,
  }: { at?: string; priority?: Priority; timeZone?: string; isMuted?: boolean } = {},
): string => {
  const found = wayOf({ type, priority }, settings, { timeZone, isMuted, nowMs: Date.parse(at) })
  return found.state === 'held' ? `${found.hold} until ${new Date(found.dueAtMs).toISOString()}` : found.state
}

describe('what becomes of something there is to tell', () => {
  it.each(NOTIFICATION_TYPES)('goes out where nothing was chosen: %s', (type) => {
    expect(way(type, USUAL)).toBe('out')
    expect(way(type, USUAL, { at: NIGHT })).toBe('out')
  })

  it.each(NOTIFICATION_TYPES.filter((type) => TYPES[type].priority !== 'urgent'))(
    'waits in quiet hours, unless it is urgent: %s',
    (type) => {
      const quiet = set({ quietHours: { from: '22:00', to: '07:00' } })
      expect(way(type, quiet)).toBe('out')
      expect(way(type, quiet, { at: NIGHT })).toBe('quiet until 2026-11-21T07:00:00.000Z')
      expect(way(type, quiet, { at: NIGHT, timeZone: 'America/New_York' })).toBe('out')
      expect(way(type, quiet, { at: NIGHT, priority: 'urgent' })).toBe('out')
    },
  )

  it('comes at any hour, and cannot be turned off, when it is about the safety of one’s account', () => {
    const quiet = { quietHours: { from: '22:00', to: '07:00' } }
    expect(way('security', set({ ...quiet, digestAt: '09:00' }), { at: NIGHT })).toBe('out')
    expect(() => set({ types: { security: { deliver: 'off' } } })).toThrow()
  })

  it('is gathered for who has a digest when it can wait, and only then', () => {
    const gathered = NOTIFICATION_TYPES.filter((type) => way(type, set({ digestAt: '09:00' })) !== 'out')
    expect(gathered).toEqual(['review_decided', 'run_ended'])
    expect(way('run_ended', set({ digestAt: '09:00' }))).toBe('digest until 2026-11-21T09:00:00.000Z')
    expect(way('budget', set({ digestAt: '09:00' }), { priority: 'low' })).toMatch(/^digest/)
    expect(way('run_ended', set({ digestAt: '09:00' }), { priority: 'urgent' })).toBe('out')
  })

  it('follows what was chosen for its type', () => {
    const chosen = set({
      digestAt: '13:00',
      types: { budget: { deliver: 'digest' }, run_ended: { deliver: 'now' }, low_balance: { deliver: 'off' } },
    })
    expect(way('budget', chosen)).toBe('digest until 2026-11-20T13:00:00.000Z')
    expect(way('run_ended', chosen)).toBe('out')
    expect(way('low_balance', chosen)).toBe('listed')
    expect(way('low_balance', chosen, { priority: 'urgent' })).toBe('listed')
  })

  it('comes with the digest after quiet hours where the digest lies in them', () => {
    const both = set({ digestAt: '06:00', quietHours: { from: '22:00', to: '07:00' } })
    expect(way('run_ended', both)).toBe('digest until 2026-11-21T07:00:00.000Z')
  })

  it('is left to the list where the team does not tell of it, unless somebody waits for an answer or the person wants it', () => {
    expect(way('low_balance', USUAL, { isMuted: true })).toBe('listed')
    expect(way('review_asked', USUAL, { isMuted: true })).toBe('out')
    const wanted = set({ types: { low_balance: { deliver: 'now' } } })
    expect(way('low_balance', wanted, { isMuted: true })).toBe('out')
  })
})

describe('what somebody chooses', () => {
  const problems = (changes: JsonObject, before = USUAL): string[] => {
    try {
      set(changes, before)
      return []
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return (error.details.problems ?? []).map(({ path }) => path)
    }
  }

  it.each([
    [{ quietHours: { from: '22:00' } }, ['quietHours.to']],
    [{ quietHours: { from: '25:00', to: '7' } }, ['quietHours.from', 'quietHours.to']],
    [{ quietHours: { from: '07:00', to: '07:00' } }, ['quietHours.to']],
    [{ quietHours: { from: '22:00', to: '07:00', zone: 'UTC' } }, ['quietHours.zone']],
    [{ digestAt: 'noon' }, ['digestAt']],
    [{ channels: [] }, ['channels']],
    [{ channels: ['pager'] }, ['channels.0']],
    [{ channels: ['web', 'email'] }, ['channels.1']],
    [{ volume: 11, colour: 'red' }, ['volume', 'colour']],
    [{ types: { weather: { deliver: 'now' } } }, ['types.weather']],
    [{ types: { run_ended: { deliver: 'loud' } } }, ['types.run_ended.deliver']],
    [{ types: { run_ended: { deliver: 'digest' } } }, ['types.run_ended.deliver']],
    [{ types: { run_ended: { channels: ['email'] } } }, ['types.run_ended.channels.0']],
    [{ types: { run_ended: { when: 'now' } } }, ['types.run_ended.when']],
    [
      { types: { review_asked: { deliver: 'off' }, invitation: { deliver: 'digest' } }, digestAt: '09:00' },
      ['types.invitation.deliver', 'types.review_asked.deliver'],
    ],
  ] as [JsonObject, string[]][])('is refused with every problem: %j', (changes, paths) => {
    expect(problems(changes)).toEqual(paths.map((path) => `notifications.${path}`))
  })

  it('stays what it is where it is left out, and null is what is usual', () => {
    const first = set({
      digestAt: '09:00',
      types: { run_ended: { deliver: 'off' }, budget: { channels: ['slack', 'slack'] } },
    })
    const second = set({ quietHours: { from: '22:00', to: '07:00' }, types: { budget: { deliver: 'digest' } } }, first)
    expect(second).toMatchObject({ digestAt: '09:00', quietHours: { from: '22:00' } })
    expect(second.types).toMatchObject({
      run_ended: { deliver: 'off', channels: null },
      budget: { deliver: 'digest', channels: ['slack'] },
    })
    const third = set({ quietHours: null, types: { run_ended: null, budget: { channels: null } } }, second)
    expect(third.quietHours).toBeNull()
    expect(third.types).toMatchObject({
      run_ended: { deliver: null, channels: null },
      budget: { deliver: 'digest', channels: null },
    })
    // Without a digest nothing is gathered any more.
    expect(set({ digestAt: null }, third).types.budget).toEqual({ deliver: null, channels: null })
    // What was read can be written.
    expect(set(third as unknown as JsonObject, third)).toEqual(third)
  })
})
