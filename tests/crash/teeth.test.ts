import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MessageView } from '#tests/peers/telegram/index.ts'
import { CHECKS } from './checks.ts'
import { readSqlite, sqliteDatabase } from './database.ts'
import type { Effect, Facts, Kill, SentCommand } from './facts.ts'
import { ATTACKS } from './guards.ts'
import { CrashHarness } from './harness.ts'
import { CRASH_JOBS } from './jobs.ts'
import { MUTANTS, mutated } from './mutants.ts'
import { OWN_ROOT } from './server.ts'

const SETUP_MS = 90_000
const directory = mkdtempSync(join(tmpdir(), 'muster-teeth-'))
const sound = join(directory, 'sound.db')
let facts: Facts

const found = (of: Facts): string[] => [...new Set(CHECKS.flatMap((check) => check(of)).map(({ check }) => check))]

/** The same story with the database as it would be had this gone wrong. */
function withFault(...faults: Fault[]): Facts {
  return unguarded((db) => {
    for (const fault of faults) expect(db.prepare(statementOf(db, fault)).run().changes, String(fault)).toBe(1)
    return { ...facts, tables: readSqlite(db) }
  })
}

/** The database of the story without what refuses wrong rows. */
function unguarded<T>(use: (db: Database.Database) => T): T {
  const path = join(directory, 'broken.db')
  copyFileSync(sound, path)
  const db = new Database(path)
  try {
    db.pragma('foreign_keys = OFF')
    const guards = db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck().all()
    for (const name of guards) db.exec(`DROP TRIGGER ${name}`)
    db.exec('DROP INDEX transfer_resolved_once; DROP INDEX run_once')
    return use(db)
  } finally {
    db.close()
    rmSync(path)
  }
}

/** The same story with the chats as they would be had this gone wrong. */
function withMessages(change: (messages: MessageView[], command: SentCommand) => MessageView[]): Facts {
  const [command] = facts.commands
  if (!command) throw new Error('Nothing was sent')
  const changed = change([...(facts.chats.get(command.conversation) ?? [])], command)
  return { ...facts, chats: new Map([...facts.chats, [command.conversation, changed]]) }
}

const isResult = ({ text }: MessageView, { job, word }: SentCommand): boolean => job.isResult(text, word)
/** A statement that changes one row, or a row to be there a second time with these columns changed. */
type Fault = string | { twice: string; where: string; but: Record<string, string> }

function statementOf(db: Database.Database, fault: Fault): string {
  if (typeof fault === 'string') return fault
  const { twice: table, where, but } = fault
  const names = db.prepare(`SELECT name FROM pragma_table_info('${table}')`).pluck().all() as string[]
  const values = names.map((name) => but[name] ?? name)
  return `INSERT INTO ${table} (${names}) SELECT ${values} FROM ${table} WHERE ${where} LIMIT 1`
}

const HOLD = "(SELECT id FROM transfer WHERE state = 'pending' ORDER BY id LIMIT 1)"
const RUN = '(SELECT id FROM run ORDER BY id LIMIT 1)'
const WALLET = "(SELECT id FROM ledger_account WHERE kind = 'wallet' ORDER BY id LIMIT 1)"

describe('the safeguards that can be taken out', () => {
  it.each(MUTANTS)('$id stands where it stood', (mutant) => {
    const text = readFileSync(join(OWN_ROOT, mutant.file), 'utf8')
    const without = mutated(mutant, text)
    expect(without).not.toBe(text)
    // One that cannot be read is missed by everybody, and shows nothing.
    expect(() => stripTypeScriptTypes(without)).not.toThrow()
  })
})

describe('the checks see', () => {
  beforeAll(async () => {
    const harness = await CrashHarness.create(sqliteDatabase(), { people: 3 })
    try {
      await harness.startAll()
      for (const [index, job] of CRASH_JOBS.entries()) {
        const [sender, another] = harness.sendersOf(job)
        if (sender) harness.say(sender, job, `w0000${index}`)
        if (another) harness.say(another, job, `w0001${index}`)
      }
      expect(await harness.untilQuiet(SETUP_MS)).toBeUndefined()
      await harness.stop()
      facts = await harness.facts()
      copyFileSync(harness.database.url.replace('sqlite:', ''), sound)
    } finally {
      await harness.end()
    }
  }, SETUP_MS)
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it('nothing wrong where nothing is', () => {
    expect(found(facts)).toEqual([])
    expect(facts.commands).toHaveLength(2 * CRASH_JOBS.length)
  })

  it.each<[string, Fault[], string[]]>([
    ['a hold left open', [`DELETE FROM transfer WHERE pending_id = ${HOLD}`], ['holdsResolvedOnce', 'chargedOnce']],
    [
      'a hold resolved twice',
      [{ twice: 'transfer', where: `pending_id = ${HOLD}`, but: { id: "'again'", state: "'released'" } }],
      ['holdsResolvedOnce'],
    ],
    [
      'money set aside for nothing',
      [`UPDATE ledger_account SET pending_micros = 500 WHERE id = ${WALLET}`],
      ['holdsResolvedOnce'],
    ],
    [
      'a charge doubled',
      [
        {
          twice: 'transfer',
          where: "kind = 'charge' AND state = 'posted'",
          but: { id: "'again'", pending_id: 'NULL' },
        },
      ],
      ['chargedOnce', 'walletsAgree', 'entriesAgree', 'sumsToZero', 'usageAgrees'],
    ],
    [
      'a charge of the wrong amount',
      [`UPDATE transfer SET amount_micros = amount_micros - 1 WHERE pending_id = ${HOLD}`],
      ['chargedOnce', 'walletsAgree', 'entriesAgree', 'usageAgrees'],
    ],
    [
      'a charge to another wallet',
      [`UPDATE transfer SET debit = 'wallet:user:acc_x' WHERE pending_id = ${HOLD}`],
      ['chargedOnce', 'entriesAgree'],
    ],
    [
      'a balance a millionth off',
      [`UPDATE ledger_account SET posted_micros = posted_micros + 1 WHERE id = ${WALLET}`],
      ['walletsAgree', 'sumsToZero'],
    ],
    ['an entry lost', [`DELETE FROM entry WHERE account_id = ${WALLET} AND seq = 1`], ['entriesAgree']],
    [
      'a counter that counted twice',
      [
        'UPDATE usage_counter SET used_micros = used_micros + 1500 WHERE scope = (SELECT min(scope) FROM usage_counter)',
      ],
      ['usageAgrees'],
    ],
    [
      'a run that counted twice',
      ['UPDATE usage_counter SET runs = runs + 1 WHERE scope = (SELECT min(scope) FROM usage_counter)'],
      ['usageAgrees'],
    ],
    ['a run lost', [`DELETE FROM run WHERE id = ${RUN}`], ['everyCommandOneRun']],
    ['a run begun twice', [{ twice: 'run', where: `id = ${RUN}`, but: { id: "'run_again'" } }], ['everyCommandOneRun']],
    [
      'a run that hangs',
      [`UPDATE run SET status = 'running', finished_at_ms = NULL WHERE id = ${RUN}`],
      ['everyCommandOneRun'],
    ],
    [
      'a finished step executed again',
      [{ twice: 'event', where: `type = 'step.started' AND subject = ${RUN}`, but: { seq: '1000000' } }],
      ['stepsExecutedOnce', 'eventsInOrder'],
    ],
    [
      'a step begun twice without a kill',
      [
        `UPDATE run_step SET starts = 2 WHERE run_id = ${RUN} AND seq = 0`,
        // Between the first start and its success, where the second one of an honest retry would be.
        `UPDATE event SET type = 'step.started', details_json = json_set(details_json, '$.stepId', (SELECT step_id FROM run_step WHERE run_id = ${RUN} AND seq = 0)) WHERE seq = (SELECT seq FROM event WHERE subject = ${RUN} AND type = 'run.started')`,
      ],
      ['stepsExecutedOnce'],
    ],
    [
      'a settlement nobody was told of',
      [`DELETE FROM event WHERE type = 'run.settled' AND subject = ${RUN}`],
      ['eventsInOrder'],
    ],
    ['an update nobody handles', ["UPDATE inbox SET status = 'new' WHERE seq = 1"], ['nothingWaits']],
    ['an update lost', ['DELETE FROM inbox WHERE seq = 1'], ['everyUpdateStoredOnce']],
    ['a message nobody knows of', ["UPDATE outbox SET status = 'sending' WHERE seq = 1"], ['nothingWaits']],
    [
      'work nobody does',
      ["INSERT INTO work_item VALUES ('run:run_x', 'run', 0, 'user:x', '1-dead', 0, 0)"],
      ['nothingWaits'],
    ],
    [
      'a wait for a provider that nobody ended',
      ["UPDATE callback SET state = 'over', outcome_json = NULL WHERE run_id = (SELECT min(run_id) FROM callback)"],
      ['providerWorkedOnce'],
    ],
    [
      'a wait for a provider that was ended twice',
      [{ twice: 'event', where: "type = 'callback.received'", but: { seq: '1000000' } }],
      ['providerWorkedOnce'],
    ],
    [
      'an excuse in place of a run',
      ["UPDATE outbox SET cause = 'in:' || (SELECT max(seq) FROM inbox) WHERE seq = 1"],
      ['nothingElseSaid'],
    ],
  ])('%s', (_, faults, checks) => {
    expect(found(withFault(...faults))).toEqual(expect.arrayContaining(checks))
  })

  it('a result that did not arrive', () => {
    const without = withMessages((messages, command) => messages.filter((message) => !isResult(message, command)))
    expect(found(without)).toContain('repliesArrived')
  })

  it('a result that arrived twice without a word about it', () => {
    const twice = withMessages((messages, command) =>
      messages.flatMap((message) =>
        isResult(message, command) ? [message, { ...message, messageId: 9_999 }] : message,
      ),
    )
    expect(found(twice)).toEqual(['nothingSentTwiceUnmarked'])
    const marked = withMessages((messages, command) =>
      messages.flatMap((message) => {
        const text = `(This may be a duplicate.)\n\n${message.text}`
        return isResult(message, command) ? [message, { ...message, text, messageId: 9_999 }] : message
      }),
    )
    expect(found(marked)).toEqual([])
  })

  it('a card that was posted twice, and one that stopped half-way', () => {
    const isCard = ({ text }: MessageView): boolean => text.startsWith('✓ ')
    const twice = withMessages((messages) => [...messages, ...messages.filter(isCard).slice(0, 1)])
    expect(found(twice)).toContain('nothingSentTwiceUnmarked')
    const halfWay = withMessages((messages) =>
      messages.map((message) => (isCard(message) ? { ...message, text: message.text.replace('✓', '▸') } : message)),
    )
    expect(found(halfWay)).toContain('repliesArrived')
  })

  it('a file that did not arrive', () => {
    const chats = new Map(
      [...facts.chats].map(([conversation, messages]) => [
        conversation,
        messages.filter(({ files }) => files.length === 0),
      ]),
    )
    expect(found({ ...facts, chats })).toContain('repliesArrived')
  })

  it('messages out of order', () => {
    const { outbox } = facts.tables
    const mine = outbox.filter(({ conversation }) => conversation === facts.commands[0]?.conversation)
    const [first, second] = mine
    const swapped = outbox.map((row) => {
      if (row === first) return { ...row, message_ref: second?.message_ref ?? null }
      return row === second ? { ...row, message_ref: first?.message_ref ?? null } : row
    })
    expect(found({ ...facts, tables: { ...facts.tables, outbox: swapped } })).toContain('orderKept')
  })

  it('commands begun out of order', () => {
    expect(found({ ...facts, commands: facts.commands.toReversed() })).toContain('orderKept')
  })

  it('a job that the provider did twice, not at all, or for nobody', () => {
    const [effect, ...others] = facts.effects
    if (!effect) throw new Error('The provider did nothing')
    const withEffects = (...effects: Effect[]): string[] => found({ ...facts, effects: [...effects, ...others] })
    expect(withEffects(effect)).toEqual([])
    expect(withEffects(effect, { ...effect, id: 'job-999' })).toEqual(['providerWorkedOnce'])
    expect(withEffects()).toEqual(['providerWorkedOnce'])
    expect(withEffects(effect, { ...effect, reference: 'run_x:make:1' })).toEqual(['providerWorkedOnce'])
    expect(withEffects({ ...effect, made: 'something else' })).toEqual(['providerWorkedOnce'])
  })

  it('a step that is begun again, unless what it was begun in has just stood still or was killed', () => {
    const { run_step: steps, event: events } = facts.tables
    const step = steps.find(({ seq, status }) => seq === 0 && status === 'succeeded')
    const started = events.find(
      ({ type, subject, details_json }) =>
        type === 'step.started' && subject === step?.run_id && details_json.includes(`"${step.step_id}"`),
    )
    if (!step || !started) throw new Error('No step was begun')
    const atMs = started.at_ms
    const begunAgain = (kills: Kill[]): string[] => {
      const again = { ...started, seq: started.seq + 0.5, at_ms: atMs + 2_000 }
      const run_step = steps.map((one) => (one === step ? { ...one, starts: 2 } : one))
      const later = events.map((one) =>
        one.subject === step.run_id && one.seq > started.seq ? { ...one, at_ms: one.at_ms + 2_000 } : one,
      )
      return found({ ...facts, tables: { ...facts.tables, run_step, event: [...later, again] }, kills })
    }
    expect(begunAgain([{ atMs: atMs - 3_200, frozenUntilMs: atMs - 5 }])).toEqual([])
    expect(begunAgain([{ atMs: atMs + 10 }])).toEqual([])
    expect(begunAgain([{ atMs: atMs - 9_000, frozenUntilMs: atMs - 5_800 }])).toEqual(['stepsExecutedOnce'])
    expect(begunAgain([{ atMs: atMs - 5 }])).toEqual(['stepsExecutedOnce'])
    expect(begunAgain([])).toEqual(['stepsExecutedOnce'])
  })

  it('a second try that nothing explains, and one that a freeze does', () => {
    const { run_step: steps, event: events } = facts.tables
    const step = steps.find(({ seq, status }) => seq === 0 && status === 'succeeded')
    const started = events.find(
      ({ type, subject, details_json }) =>
        type === 'step.started' && subject === step?.run_id && details_json.includes(`"${step.step_id}"`),
    )
    if (!step || !started) throw new Error('No step was begun')
    const triedTwice = (code: string, freezes: Kill[]): string[] => {
      const details_json = JSON.stringify({ ...JSON.parse(started.details_json), attempt: 1, code })
      const retrying = { ...started, seq: started.seq + 0.25, type: 'step.retrying', details_json }
      const again = { ...started, seq: started.seq + 0.5 }
      const run_step = steps.map((one) => (one === step ? { ...one, attempt: 2, starts: 2 } : one))
      const tables = { ...facts.tables, run_step, event: [...events, retrying, again] }
      return found({ ...facts, tables, kills: freezes })
    }
    const atMs = started.at_ms
    const freeze = { atMs, frozenUntilMs: atMs + 3_000 }
    expect(triedTwice('network', [freeze])).toEqual([])
    expect(triedTwice('timeout', [freeze])).toEqual(['stepsExecutedOnce'])
    expect(triedTwice('network', [{ atMs }])).toEqual(['stepsExecutedOnce'])
    expect(triedTwice('network', [{ atMs: atMs - 60_000, frozenUntilMs: atMs - 57_000 }])).toEqual([
      'stepsExecutedOnce',
    ])
  })

  it('that it is the guard which refuses, and nothing else', () => {
    unguarded((db) => {
      db.pragma('ignore_check_constraints = ON')
      // The one guard that cannot be taken off a table.
      for (const { name, sql } of ATTACKS.filter((attack) => !attack.name.startsWith('an update is stored'))) {
        expect(() => db.prepare(sql(facts.tables) ?? '').run(), name).not.toThrow()
      }
    })
  })

  it('a guard that is gone, of those that all stand', () => {
    expect(facts.guards.map(({ name }) => name)).toEqual(ATTACKS.map(({ name }) => name))
    const [first, ...others] = facts.guards
    expect(found({ ...facts, guards: [{ name: first?.name ?? '', refused: false }, ...others] })).toEqual([
      'databaseRefuses',
    ])
  })

  it('what was logged, and what Telegram and the provider complained of', () => {
    expect(found({ ...facts, errors: ['{"level":50}'] })).toEqual(['noErrorsLogged'])
    expect(found({ ...facts, refusedCallbacks: ['job-1: 410'] })).toEqual(['providerWorkedOnce'])
    expect(found({ ...facts, complaints: ['sendMessage: no such field'] })).toEqual(['noComplaints'])
  })
})
