import { describe, expect, expectTypeOf, it } from 'vitest'
import { defineCommand } from '#commands/command.ts'
import { bindArguments } from '#commands/grammar/arguments.ts'
import { parseLine } from '#commands/grammar.ts'
import { usageLine } from '#commands/usage.ts'
import type { Actor } from '#core/actor.ts'
import { reply } from '#core/chat/message.ts'

const base = { name: 'x', summary: 'Does x', group: 'start', run: async () => reply('done') } as const

describe('defineCommand', () => {
  it('types the arguments by what is declared', () => {
    const command = defineCommand({
      name: 'grant',
      summary: 'Gives money',
      group: 'money',
      args: [
        { name: 'who', kind: 'rest' },
        { name: 'amount', kind: 'amount' },
        { name: 'kind', kind: 'word', choices: ['gift', 'loan'], optional: true },
        { literal: 'for' },
        { name: 'times', kind: 'integer', optional: true },
      ],
      flags: [{ name: 'dry-run', kind: 'boolean', summary: 'Only say' }],
      run: async ({ args, flags, actor }) => {
        expectTypeOf(args.who).toEqualTypeOf<string>()
        expectTypeOf(args.amount).toEqualTypeOf<bigint>()
        expectTypeOf(args.kind).toEqualTypeOf<'gift' | 'loan' | undefined>()
        expectTypeOf(args.times).toEqualTypeOf<number | undefined>()
        expectTypeOf(flags['dry-run']).toEqualTypeOf<boolean | undefined>()
        expectTypeOf(actor).toEqualTypeOf<Actor>()
        return reply('done')
      },
    })
    expect(command).toMatchObject({ access: 'user', scope: 'any', aliases: [], examples: [] })
    expect(usageLine(command)).toBe('/grant <who> <amount> [gift|loan] for [times] [--dry-run]')
  })

  it('gives strangers no actor', () => {
    defineCommand({
      ...base,
      access: 'stranger',
      run: async ({ actor, args }) => {
        expectTypeOf(actor).toEqualTypeOf<Actor | undefined>()
        expectTypeOf(args).toEqualTypeOf<Record<never, never>>()
        return reply('done')
      },
    })
  })

  it('is what the grammar binds by', () => {
    const command = defineCommand({ ...base, args: [{ name: 'team', kind: 'rest' }] })
    const line = parseLine('/x Acme Rockets --as personal')
    if (line.kind !== 'command') throw new Error('no command')
    expect(bindArguments(line, command)).toEqual({
      ok: true,
      values: { team: 'Acme Rockets' },
      flags: {},
      as: { type: 'personal' },
    })
  })

  it('refuses what could not be bound in one way', () => {
    const rest = { name: 'a', kind: 'rest' } as const
    const text = { name: 'b', kind: 'text' } as const
    expect(() => defineCommand({ ...base, name: 'Two words' })).toThrow('Not a command name')
    expect(() => defineCommand({ ...base, aliases: ['a-b'] })).toThrow('Not a command name: a-b')
    expect(() => defineCommand({ ...base, args: [rest, text] })).toThrow('/x: two open-ended arguments')
    expect(() => defineCommand({ ...base, args: [text, { literal: 'to' }, rest] })).toThrow('/x: free text comes last')
    expect(() => defineCommand({ ...base, args: [rest], takesInputs: true })).toThrow(
      '/x: inputs follow single words, of which the last may be left out',
    )
    defineCommand({ ...base, args: [rest, { literal: 'to' }, text] })
  })
})
