import { afterEach, describe, expect, it } from 'vitest'
import type { Actor } from '#core/actor.ts'
import { createConnection } from '#core/connections/save.ts'
import { personal } from '#core/context.ts'
import type { ModelRequest, Models } from '#core/models/model.ts'
import type { PolicyDocument } from '#core/policy/document.ts'
import { savePolicy } from '#core/policy/save.ts'
import { createTeam } from '#core/teams/create.ts'
import { addMember } from '#core/teams/members.ts'
import { query } from '#db/statement.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Chat, createChat, type Shown, type Voice } from './chat.ts'
import { INJECTIONS } from './injections.ts'

/** What the model says to the next words. */
let answer = ''
let asked: ModelRequest[] = []

const models: Models = {
  async ask(request) {
    asked.push(request)
    const value = { line: answer }
    return {
      text: JSON.stringify(value),
      value,
      toolCalls: [],
      usage: { inputTokens: 900, outputTokens: 30, cachedInputTokens: 0, isEstimated: false },
      finish: 'stop',
      isMock: false,
    }
  },
}

describe.each(DIALECTS)('plain words on %s', (dialect) => {
  let chat: Chat
  let clock: ShiftedClock
  let ada: Voice
  afterEach(async () => {
    await chat.end()
    expect(chat.world.errors).toEqual([])
  })
  const begin = async ({ withModel = false, isMockAsked = true } = {}) => {
    asked = []
    clock = new ShiftedClock()
    chat = await createChat(dialect, {
      clock,
      ...(withModel ? { models, settings: { isMockAskedForWords: isMockAsked } } : {}),
    })
    ada = await chat.known('ada', { admin: true })
  }
  /** Says it, and gives the proposal that comes of it. */
  const proposal = async (text: string, options = {}): Promise<Shown> => {
    const before = chat.shown.length
    await ada.sayFully(text, options)
    return eventually(() => {
      const found = chat.shown.slice(before).find((one) => one.text.startsWith('I understood'))
      if (!found) throw new Error(`Nothing was understood: ${chat.shown.slice(before).map((one) => one.text)}`)
      return found
    })
  }
  const lastOf = (messages: Shown[]): string => messages.map(({ text }) => text).join('\n')
  const runsOf = async (tool: string) =>
    (await query(chat.core.db, (q) => q.selectFrom('run').selectAll().where('job_key', '=', tool))).length
  const events = async (type: string) =>
    (await query(chat.core.db, (q) => q.selectFrom('event').select('seq').where('type', '=', type))).length

  it.each([
    ['What is my balance?', '/balance'],
    ['please show me the jobs', '/jobs'],
    ['Run the release notes job.', '/release_notes'],
    ['Hi, could you please run the release notes for me, thanks!', '/release_notes'],
    ['I would like to start release-notes now', '/release_notes'],
    ['balanse', '/balance'],
    ['Hi, balance please', '/balance'],
  ])('%s is taken for %s, without a model', async (words, line) => {
    await begin()
    const shown = await proposal(words)
    expect(shown.parts).toContainEqual({ type: 'code', text: line })
    expect(lastOf(await ada.press(shown, 'No'))).toBe('Nothing was done.')
  })

  it('what was understood is done when its person says so, once', async () => {
    await begin()
    const shown = await proposal('what is my balance')
    expect(lastOf(await ada.press(shown, 'Run it'))).toContain('Balance')
    expect(lastOf(await ada.press(shown, 'Run it'))).toBe('You said yes to this already.')
    expect(lastOf(await ada.press(shown, 'No'))).toBe('You said yes to this already.')
  })

  it('the same press delivered twice is one, and gets its answer again', async () => {
    await begin({ withModel: true })
    answer = '/run text.template template="Hello" data={}'
    const shown = await proposal('greet somebody for me')
    const buttons = shown.parts.flatMap((part) => (part.type === 'buttons' ? part.buttons : []))
    const token = buttons.find(({ label }) => label === 'Run it')?.token ?? ''
    const incoming = { ...ada.incoming('Run it'), button: { token } }
    const first = await chat.handle(incoming, 'press-1')
    expect(await chat.handle(incoming, 'press-1')).toEqual(first)
    expect(await runsOf('text-template')).toBe(1)
    expect(JSON.stringify(await chat.handle(incoming, 'press-2'))).toContain('You said yes to this already.')
    expect(await runsOf('text-template')).toBe(1)
  })

  it('a job asks for what is missing', async () => {
    await begin()
    await ada.press(await proposal('run release notes'), 'Run it')
    expect((await ada.form()).text).toContain('Release notes')
  })

  it('nobody else says yes to it', async () => {
    await begin()
    const ben = await chat.known('ben')
    const shown = await proposal('my balance', { group: '-100' })
    expect(shown.onlyFor).toBe('ada')
    expect(lastOf(await ben.press(shown, 'Run it', { group: '-100' }))).toContain('only they can answer')
    expect(lastOf(await ada.press(shown, 'Run it', { group: '-100' }))).toContain('Balance')
  })

  it('it is too old after half an hour', async () => {
    await begin()
    const shown = await proposal('my balance')
    clock.advance(31 * 60_000)
    expect(lastOf(await ada.press(shown, 'Run it'))).toContain('too old')
  })

  it('it can be changed first', async () => {
    await begin()
    const said = lastOf(await ada.press(await proposal('my balance'), 'Edit'))
    expect(said).toContain('/balance')
    expect(said).toContain('Nothing was done')
  })

  it('what somebody else wrote is not taken for what its sender wants', async () => {
    await begin({ withModel: true })
    answer = '/balance'
    const incoming = { ...ada.incoming('what is my balance'), isForwarded: true as const }
    const { replies } = await chat.handle(incoming, 'forwarded')
    expect(JSON.stringify(replies)).toContain('I did not understand')
    expect(asked).toEqual([])
  })

  it('the model is the one that the policy chooses, and is paid for as it says', async () => {
    await begin({ withModel: true, isMockAsked: false })
    const { id } = await ada.account()
    const actor: Actor = {
      accountId: id,
      handle: 'ada',
      platformRole: 'admin',
      channel: 'telegram',
      context: personal(id),
    }
    const key = { name: 'ours', provider: 'openai', secret: 'sk-of-the-test' } as const
    const { id: connection } = await createConnection(chat.core, actor, key)
    const put = (document: PolicyDocument, version: number) =>
      savePolicy(chat.core, actor, { document, version, owner: 'context' })
    await put({ default: { model: 'openai/gpt-4.1' }, allowed: ['openai/*'] }, 0)
    answer = '/balance'
    const shown = await proposal('tell me how rich I am nowadays')
    expect(shown.parts).toContainEqual({ type: 'code', text: '/balance' })
    expect(asked.map(({ choice }) => choice)).toMatchObject([{ provider: 'openai', model: 'gpt-4.1', connection }])
    const runs = await query(chat.core.db, (q) => q.selectFrom('run').selectAll().where('job_key', '=', 'llm-extract'))
    // 900 tokens in and 30 out, at $2 and $8 for a million, and what the tool itself costs.
    expect(runs.map(({ cost_micros }) => cost_micros >= 900n * 2n + 30n * 8n)).toEqual([true])

    // A policy under which nothing may be asked: words stay words, and nothing is spent.
    await put({ default: { model: 'openai/gpt-4.1' }, allowed: ['google/*'] }, 1)
    expect(await ada.say('tell me how poor I am nowadays')).toContain('I did not understand that.')
    expect(asked).toHaveLength(1)
    expect(await runsOf('llm-extract')).toBe(1)
  })

  it('without a model other words stay words, and cost nothing', async () => {
    await begin()
    expect(await ada.say('write something nice about our summer sale')).toContain('I did not understand that.')
    expect(await runsOf('llm-extract')).toBe(0)
  })

  it('a model is asked in the name and at the cost of whoever spoke', async () => {
    await begin({ withModel: true })
    answer = '/run text.template template="Hello {{ name }}" data={"name":"Ben"}'
    const shown = await proposal('greet Ben for me')
    expect(shown.parts).toContainEqual({ type: 'code', text: answer })
    expect(shown.text).toMatch(/for \$0\.000\d+/)
    expect(await runsOf('text-template')).toBe(0)
    await ada.press(shown, 'Run it')
    await eventually(async () => expect(await runsOf('text-template')).toBe(1))
    const [question] = asked
    expect(JSON.stringify(question?.messages)).toContain('greet Ben for me')
    expect(JSON.stringify(question?.messages)).toContain('/release_notes')
    // What they wrote stands among the data, never among the instructions.
    expect(question?.system).not.toContain('greet Ben')
  })

  it.each([
    ['nothing', ''],
    ['a story', 'Once upon a time'],
    ['a command there is not', '/sudo rm'],
    ['a hidden command', '/fillin form_1 send'],
    ['another payer', '/balance --as team:Acme'],
    ['arguments that do not fit', '/runs --bogus 1'],
    ['two lines of commands', 'Sure!\n/fund 100'],
  ])('%s is nothing that was understood', async (_, line) => {
    await begin({ withModel: true })
    answer = line
    await ada.sayFully('do your thing now')
    await eventually(() => expect(chat.shown.at(-1)?.text).toContain('I did not understand that.'))
    expect(await query(chat.core.db, (q) => q.selectFrom('proposal').select('state'))).toEqual([{ state: 'void' }])
  })

  it('no answer is faster than the word that somebody looks at it', async () => {
    await begin({ withModel: true })
    answer = 'a story'
    // The answer is there before the delivery has been marked as handled, which it never is here.
    expect((await ada.ask('do your thing now')).replies).toEqual([])
    await eventually(() =>
      expect(chat.shown.map(({ text }) => text)).toEqual([
        'Let me see what you mean …',
        expect.stringContaining('I did not understand that.'),
      ]),
    )
  })

  it('what moves money or changes who is in is asked about by itself', async () => {
    await begin({ withModel: true })
    answer = '/grant @ada 5'
    const shown = await proposal('give me some money')
    const [sure] = await ada.press(shown, 'Run it …')
    expect(sure?.text).toContain('Really?')
    const funded = await events('wallet.granted')
    if (!sure) throw new Error('Nothing was asked')
    await ada.press(sure, 'No')
    expect(lastOf(await ada.press(sure, 'Yes, do it'))).toBe('This was dropped already.')
    expect(await events('wallet.granted')).toBe(funded)
    const [again] = await ada.press(await proposal('give me some money now'), 'Run it …')
    if (!again) throw new Error('Nothing was asked')
    expect(lastOf(await ada.press(again, 'Yes, do it'))).toContain('$5')
  })

  it('rights are those of the moment of the press', async () => {
    await begin({ withModel: true })
    answer = '/grant @ada 5'
    const shown = await proposal('give me some money')
    const [sure] = await ada.press(shown, 'Run it …')
    await query(chat.core.db, (q) => q.selectFrom('account').select('id'))
    await chat.core.db.write((tx) =>
      query(tx, (q) => q.updateTable('account').set({ platform_role: 'user' }).where('handle', '=', 'ada')),
    )
    if (!sure) throw new Error('Nothing was asked')
    expect(lastOf(await ada.press(sure, 'Yes, do it'))).toContain('Only a platform admin')
  })

  it('a team that does not allow models is not asked', async () => {
    await begin({ withModel: true })
    const account = await ada.account()
    const actor = {
      accountId: account.id,
      handle: 'ada',
      platformRole: 'user',
      channel: 'telegram',
      context: { type: 'user', id: account.id },
    } as const
    const { id: teamId } = await createTeam(chat.core, actor, { name: 'Acme' })
    const ben = await chat.known('ben')
    await addMember(chat.core, actor, { teamId, accountId: (await ben.account()).id, role: 'viewer' })
    await ben.say('/setcontext team Acme')
    // A viewer spends nothing there.
    expect(await ben.say('greet somebody for me')).toContain('I did not understand that.')
    expect(asked).toEqual([])
  })

  it('whatever words and models say, nothing runs without a press', async () => {
    await begin({ withModel: true })
    const before = await query(chat.core.db, (q) => q.selectFrom('account').selectAll())
    const moved = await query(chat.core.db, (q) => q.selectFrom('transfer').select('id').where('kind', '!=', 'charge'))
    for (const { words, line } of INJECTIONS) {
      answer = line
      await ada.sayFully(words)
    }
    await eventually(async () =>
      expect(
        await query(chat.core.db, (q) => q.selectFrom('proposal').select('id').where('state', '=', 'asked')),
      ).toEqual([]),
    )
    const runs = await query(chat.core.db, (q) =>
      q.selectFrom('run').select('job_key').where('job_key', '!=', 'llm-extract'),
    )
    expect(runs).toEqual([])
    expect(await query(chat.core.db, (q) => q.selectFrom('account').selectAll())).toEqual(before)
    expect(
      await query(chat.core.db, (q) => q.selectFrom('transfer').select('id').where('kind', '!=', 'charge')),
    ).toEqual(moved)
    expect(
      await query(chat.core.db, (q) => q.selectFrom('proposal').select('id').where('state', 'in', ['sure', 'done'])),
    ).toEqual([])
    // What is shown is what would be done: nothing in it is unseen.
    const lines = await query(chat.core.db, (q) => q.selectFrom('proposal').select('line').where('state', '=', 'open'))
    for (const { line } of lines) expect(line).not.toMatch(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/)
  })
})
