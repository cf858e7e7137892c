import { describe, expect, it } from 'vitest'
import { bindArguments } from '#commands/grammar/arguments.ts'
import type { CommandLine } from '#commands/grammar/line.ts'
import type { ArgumentSpec } from '#commands/grammar/spec.ts'
import { parseLine } from '#commands/grammar.ts'
import { commandHelp, explainProblems, jobUsageLine, usageLine } from '#commands/usage.ts'
import { plainText } from '#core/chat/plain.ts'

const command = (text: string): CommandLine => {
  const line = parseLine(text)
  if (line.kind !== 'command') throw new Error(`Not a command: ${text}`)
  return line
}

/** The values, or every problem as it is shown. */
function bind(spec: ArgumentSpec, text: string): unknown {
  const bound = bindArguments(command(text), spec)
  if (!bound.ok) return bound.problems.map((problem) => problem.message)
  return { ...bound.values, ...bound.flags, ...(bound.as && { as: bound.as }) }
}

const INVITE = {
  args: [{ name: 'user', kind: 'word', label: 'user or e-mail' }, { literal: 'to' }, { name: 'team', kind: 'rest' }],
  flags: [],
} as const
const TRANSFER = {
  args: [{ name: 'team', kind: 'rest' }, { literal: 'to' }, { name: 'user', kind: 'word' }],
  flags: [],
} as const
const MOVE = {
  args: [{ name: 'what', kind: 'rest' }, { literal: 'to' }, { name: 'where', kind: 'rest' }],
  flags: [],
} as const
const GRANT = {
  args: [
    { name: 'who', kind: 'rest', label: 'user or team' },
    { name: 'amount', kind: 'amount' },
  ],
  flags: [
    { name: 'reason', kind: 'word', summary: 'Why' },
    { name: 'dry-run', kind: 'boolean', summary: 'Only say what would happen' },
    { name: 'times', kind: 'integer', summary: 'How often' },
    { name: 'kind', kind: 'word', choices: ['gift', 'loan'], summary: 'What it is' },
  ],
} as const
const REJECT = {
  args: [
    { name: 'review', kind: 'word', optional: true, pattern: /^rev_/ },
    { name: 'reason', kind: 'text' },
  ],
  flags: [{ name: 'quiet', kind: 'boolean', summary: 'Tell nobody' }],
} as const
const EXPORT = {
  args: [
    { name: 'variant', kind: 'word', optional: true },
    { name: 'format', kind: 'word', optional: true, choices: ['markdown', 'json', 'csv'] },
  ],
  flags: [],
} as const
const NOTHING = { args: [], flags: [] } as const

describe('words and names', () => {
  it.each([
    [INVITE, '/i bob to Acme', { user: 'bob', team: 'Acme' }],
    [INVITE, '/i bob TO Road to Nowhere', { user: 'bob', team: 'Road to Nowhere' }],
    [INVITE, '/i bob@a.org to “Acme  Rockets”', { user: 'bob@a.org', team: 'Acme  Rockets' }],
    [INVITE, '/i "bob to" to Acme', { user: 'bob to', team: 'Acme' }],
    [INVITE, '/i bob to Guns ’n Roses', { user: 'bob', team: 'Guns ’n Roses' }],
    [INVITE, '/i bob to The "Best" Team', { user: 'bob', team: 'The "Best" Team' }],
    [TRANSFER, '/t Road to Nowhere to bob', { team: 'Road to Nowhere', user: 'bob' }],
    [TRANSFER, '/t "Road to" to bob', { team: 'Road to', user: 'bob' }],
    [MOVE, '/m a to b to c d', { what: 'a to b', where: 'c d' }],
    [MOVE, '/m to to to', { what: 'to', where: 'to' }],
    [GRANT, '/g Acme Rockets 12.50', { who: 'Acme Rockets', amount: 12_500_000n }],
    [GRANT, '/g Studio 54 $5', { who: 'Studio 54', amount: 5_000_000n }],
    [EXPORT, '/e', {}],
    [EXPORT, '/e csv', { format: 'csv' }],
    [EXPORT, '/e var_1', { variant: 'var_1' }],
    [EXPORT, '/e var_1 JSON', { variant: 'var_1', format: 'json' }],
    [NOTHING, '/n', {}],
    [NOTHING, '/n\n\n  ', {}],
  ])('%# %s', (spec, text, expected) => {
    expect(bind(spec, text)).toEqual(expected)
  })

  it.each([
    [INVITE, '/i', ['<user or e-mail> is missing.', '“to” is missing.', '<team> is missing.']],
    [INVITE, '/i bob Acme', ['“to” is missing before “Acme”.', '<team> is missing.']],
    [INVITE, '/i bob to "Acme', ['<team> opens a quote that is not closed: "Acme.']],
    [INVITE, "/i 'bob to Acme", ["<user or e-mail> opens a quote that is not closed: 'bob."]],
    [INVITE, '/i bob to Acme\n/balance', ['This takes a single line; there is no place for “/balance”.']],
    [INVITE, '/i "" to Acme', ['<user or e-mail> is empty.']],
    [GRANT, '/g Acme 12,50', ['<amount> takes dollars like 12.50, not “12,50”.']],
    [EXPORT, '/e var_1 jsno', ['<format> is one of markdown, json, csv, not “jsno” (did you mean json?).']],
    [EXPORT, '/e var_1 json more', ['There is no place for “more”.']],
    [NOTHING, '/n surplus --flag', ['There is no --flag here.', 'There is no place for “surplus”.']],
  ])('%# %s is refused', (spec, text, expected) => {
    expect(bind(spec, text)).toEqual(expected)
  })
})

describe('flags', () => {
  it.each([
    ['/g Acme 5 --reason "well done" --times 3 --kind Gift', { reason: 'well done', times: 3, kind: 'gift' }],
    ['/g --reason=x --dry-run Acme 5', { reason: 'x', 'dry-run': true }],
    ['/g Acme --dryRun 5', { 'dry-run': true }],
    ['/g Acme 5 DRY_RUN=no reason=y', { 'dry-run': false, reason: 'y' }],
    ['/g Acme 5 —as “team:Acme Rockets”', { as: { type: 'team', name: 'Acme Rockets' } }],
    ['/g --as personal Acme 5', { as: { type: 'personal' } }],
    ['/g --as=TEAM:acme Acme 5', { as: { type: 'team', name: 'acme' } }],
    ['/g Acme 5 --times -3', { times: -3 }],
  ])('%s', (text, flags) => {
    expect(bind(GRANT, text)).toEqual({ who: 'Acme', amount: 5_000_000n, ...flags })
  })

  it('are words behind a --, and a pair of an unknown name is a word', () => {
    expect(bind(GRANT, '/g -- --reason 5')).toEqual({ who: '--reason', amount: 5_000_000n })
    expect(bind(GRANT, '/g a=b 5')).toEqual({ who: 'a=b', amount: 5_000_000n })
  })

  it('and everything else that is wrong are told at once', () => {
    const text = '/g --reson x --times many --kind=gfit --reason --dry-run=perhaps --as nobody'
    expect(bind(GRANT, text)).toEqual([
      'There is no --reson here. Did you mean --reason?',
      '--times takes a whole number, not “many”.',
      '--kind is one of gift, loan, not “gfit” (did you mean gift?).',
      '--reason needs a value.',
      '--dry-run is yes or no, not “perhaps”.',
      '--as takes personal or team:<name>. A name with spaces is quoted: --as "team:Acme Rockets".',
      '<amount> is missing.',
    ])
    expect(bind(GRANT, '/g A 5 --times 1 --times=2 --as personal --as personal --reason="x')).toEqual([
      '--times is given twice.',
      '--as is given twice.',
      '--reason opens a quote that is not closed: "x.',
    ])
  })

  it('never become anything inherited', () => {
    expect(bind(NOTHING, '/n --constructor --__proto__=1')).toEqual([
      'There is no --constructor here.',
      'There is no --__proto__ here.',
    ])
  })
})

describe('free text of a command', () => {
  it.each([
    ['/r too long', { reason: 'too long' }],
    ['/r rev_1 too  long', { review: 'rev_1', reason: 'too  long' }],
    ['/r rev_1 “no”', { review: 'rev_1', reason: 'no' }],
    ['/r “no” means no', { reason: '“no” means no' }],
    ['/r rev_1\nline 1\n  line 2\n', { review: 'rev_1', reason: 'line 1\n  line 2\n' }],
    ['/r the --force flag "is wrong\nx=1', { reason: 'the --force flag "is wrong\nx=1' }],
    ['/r rev_1 not now --quiet please', { review: 'rev_1', reason: 'not now please', quiet: true }],
    ['/r --quiet --as personal ’tis late', { reason: '’tis late', quiet: true, as: { type: 'personal' } }],
    ['/r I said --as you wish', { reason: 'I said --as you wish' }],
    ['/r no -- --quiet is it', { reason: 'no -- --quiet is it' }],
    ['/r -- --quiet is what I want', { reason: '--quiet is what I want' }],
  ])('%s', (text, expected) => {
    expect(bind(REJECT, text)).toEqual(expected)
  })

  it('is asked for, and its start is held to the rules', () => {
    expect(bind(REJECT, '/r rev_1')).toEqual(['<reason> is missing.'])
    expect(bind(REJECT, '/r "rev_1"')).toEqual({ reason: 'rev_1' })
    expect(bind(REJECT, '/r --loud no')).toEqual(['There is no --loud here.'])
    expect(bind(REJECT, '/r "no way')).toEqual(['<reason> opens a quote that is not closed: "no.'])
  })
})

describe('a command with a job behind it', () => {
  it('hands on the line behind its arguments', () => {
    const spec = { args: [{ name: 'job', kind: 'word' }], flags: [], takesInputs: true } as const
    const bound = bindArguments(command('/run --as personal notes --title x some text\nmore'), spec)
    if (!bound.ok) throw new Error('not bound')
    expect(bound.values.job).toBe('notes')
    expect(bound.as).toEqual({ type: 'personal' })
    expect(bound.inputs?.tokens.map((token) => token.kind)).toEqual(['flag', 'word', 'word', 'word'])
    expect(bind(spec, '/run --as personal notes --as team:a')).toEqual(['--as is given twice.'])
    expect(bindArguments(command('/run'), spec)).toEqual({
      ok: false,
      problems: [{ path: 'job', message: '<job> is missing.' }],
    })
  })
})

describe('usage', () => {
  it('is written from the arguments', () => {
    expect(usageLine({ name: 'invitemember', ...INVITE })).toBe('/invitemember <user or e-mail> to <team>')
    expect(usageLine({ name: 'reject', ...REJECT })).toBe('/reject [review] <reason> [--quiet]')
    expect(usageLine({ name: 'export', ...EXPORT })).toBe('/export [variant] [markdown|json|csv]')
    expect(usageLine({ name: 'run', args: [{ name: 'job', kind: 'word' }], flags: [], takesInputs: true })).toBe(
      '/run <job> …',
    )
    expect(usageLine({ name: 'grant', ...GRANT })).toBe(
      '/grant <user or team> <amount> [--reason <reason>] [--dry-run] [--times <integer>] [--kind <gift|loan>]',
    )
  })

  it('is written from the inputs of a job', () => {
    const fields = [
      { name: 'title', type: 'string', required: false },
      { name: 'commits', type: 'string', required: true },
      { name: 'style', type: 'string', required: true, enum: ['long', 'short'] },
      { name: 'draft', type: 'boolean', required: false },
    ] as const
    expect(jobUsageLine('release_notes', fields, 'commits')).toBe(
      '/release_notes <commits> --style <long|short> [--title <text>] [--draft]',
    )
  })

  it('comes with every refusal and with help', () => {
    const problems = [{ path: 'team', message: '<team> is missing.' }]
    expect(explainProblems(problems, '/x <team>')).toBe('<team> is missing.\nUsage: /x <team>')
    const help = plainText(
      commandHelp({
        name: 'grant',
        summary: 'Gives money.',
        aliases: ['give'],
        examples: ['/grant bob 5'],
        args: [{ name: 'who', kind: 'word', summary: 'Who gets it' }],
        flags: [{ name: 'quiet', kind: 'boolean', summary: 'Tell nobody' }],
      }).parts,
    )
    expect(help).toBe(
      'Gives money.\n\n/grant <who> [--quiet]\n\nwho: Who gets it\n--quiet: Tell nobody\n\nExamples\n\n/grant bob 5\n\nAlso: /give',
    )
  })
})
