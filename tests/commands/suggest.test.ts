import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { suggest } from '#commands/suggest.ts'

const COMMANDS = [
  'start',
  'help',
  'whoami',
  'balance',
  'statement',
  'fund',
  'grant',
  'runs',
  'run',
  'status',
  'cancelrun',
  'cancel',
  'createteam',
  'teaminfo',
  'invitemember',
  'members',
  'removemember',
  'deleteteam',
  'release_notes',
  'approve',
  'accept',
]

describe('suggest', () => {
  it.each([
    ['blance', 'balance'],
    ['hepl', 'help'],
    ['Balanec', 'balance'],
    ['release-note', 'release_notes'],
    ['RELEASE-NOTES', 'release_notes'],
    ['invite', 'invitemember'],
    ['member', 'members'],
    ['aprove', 'approve'],
    ['crateteam', 'createteam'],
    ['cancel_run', 'cancelrun'],
  ])('/%s means /%s', (name, command) => {
    expect(suggest(name, COMMANDS)[0]).toBe(command)
  })

  it.each(['', 'x', 'zzzz', 'weather', 'fu', 'a'.repeat(100_000)])('has nothing far-fetched for %j', (name) => {
    expect(suggest(name, COMMANDS).filter((command) => !command.startsWith(name || '?'))).toEqual([])
  })

  it('gives three at most, the nearest first, the same in any order of the candidates', () => {
    expect(suggest('run', ['runs', 'ruin', 'run', 'rune', 'rerun'])).toEqual(['run', 'rune', 'runs'])
    fc.assert(
      fc.property(
        fc.shuffledSubarray(COMMANDS, { minLength: COMMANDS.length }),
        fc.constantFrom('statu', 'can', 'te'),
        (all, name) => {
          expect(suggest(name, all)).toEqual(suggest(name, COMMANDS))
          expect(suggest(name, all).length).toBeLessThanOrEqual(3)
        },
      ),
    )
  })

  it('finds a name with one slip in it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...COMMANDS.filter((name) => name.length > 3)), fc.nat(), (name, at) => {
        const cut = at % name.length
        expect(suggest(name.slice(0, cut) + name.slice(cut + 1), COMMANDS)).toContain(name)
      }),
    )
  })
})
