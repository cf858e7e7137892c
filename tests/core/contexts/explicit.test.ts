import { describe, expect, test } from 'vitest'
import { contextFromRequest, readTarget } from '#core/contexts/explicit.ts'

describe('the context of a request', () => {
  test('is the header’s or the body’s, or both when they agree', () => {
    expect(contextFromRequest()).toBeUndefined()
    expect(contextFromRequest('team/team_1')).toBe('team/team_1')
    expect(contextFromRequest(undefined, { type: 'user', id: 'acc_1' })).toBe('user/acc_1')
    expect(contextFromRequest(' team/team_1 ', { type: 'team', id: 'team_1' })).toBe('team/team_1')
  })

  test('is refused when they differ', () => {
    expect(() => contextFromRequest('team/team_1', { type: 'team', id: 'team_2' })).toThrowError(
      expect.objectContaining({ code: 'context_conflict' }),
    )
    expect(() => contextFromRequest('team/x', { type: 'user', id: 'x' })).toThrowError(
      expect.objectContaining({ code: 'context_conflict' }),
    )
  })

  test.each(['', 'team', 'team/', 'org/1', 'team/a b', 'team:team_1', 'personal'])('%j is no context', (header) => {
    expect(() => contextFromRequest(header)).toThrowError(expect.objectContaining({ code: 'bad_request' }))
  })
})

test.each([
  ['personal', { type: 'personal' }],
  [' Personal ', { type: 'personal' }],
  ['Acme', { type: 'team_named', text: 'Acme' }],
  ['team:Acme', { type: 'team_named', text: 'Acme' }],
  ['team/team_1', { type: 'team', id: 'team_1' }],
  ['Team Spirit', { type: 'team_named', text: 'Team Spirit' }],
  ['Personal Trainers', { type: 'team_named', text: 'Personal Trainers' }],
])('setcontext %j', (text, wish) => {
  expect(readTarget(text)).toEqual(wish)
})
