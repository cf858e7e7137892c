import { afterEach, describe, expect, it } from 'vitest'
import type { IncomingFile } from '#core/chat/message.ts'
import { query } from '#db/statement.ts'
import { TestClock } from '#tests/support/clock.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Chat, createChat, type Shown, type Voice } from './chat.ts'

const COMMITS = 'a1b2c3d feat: first\nb2c3d4e fix: second'

describe.each(DIALECTS)('jobs from chat on %s', (dialect) => {
  let chat: Chat
  afterEach(() => chat.end())

  const inputsOfRuns = async (): Promise<Record<string, unknown>[]> => {
    const rows = await query(chat.core.db, (q) => q.selectFrom('run').select('inputs_json').orderBy('id'))
    return rows.map(({ inputs_json }) => JSON.parse(inputs_json))
  }
  const file = (name: string, bytes: Uint8Array | string, sizeBytes?: number): IncomingFile => {
    const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    chat.files.set(name, content)
    return { name, mediaType: 'text/plain', sizeBytes: sizeBytes ?? content.byteLength, fetchRef: name }
  }

  it('take their inputs from the line, a reply or a file', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    expect(await ada.say(`/release_notes --title Spring\n${COMMITS}`)).toBe('')
    expect(await ada.say(`/Release-Notes ${COMMITS} --as personal`)).toBe('')
    expect(await ada.say('/release_notes title=Replied', { replyTo: { messageRef: 'm', text: COMMITS } })).toBe('')
    expect(await ada.say('/release_notes', { files: [file('log.txt', COMMITS)] })).toBe('')
    const answered = { messageRef: 'm', files: [file('answered.txt', COMMITS)] }
    expect(await ada.say('/run release_notes', { replyTo: answered })).toBe('')
    expect(await ada.say('/json_report --expression a {"a": [1, 2]}')).toBe('')
    const inputs = await inputsOfRuns()
    expect(inputs.slice(0, 5).map(({ title }) => title)).toEqual([
      'Spring',
      'Release notes',
      'Replied',
      'Release notes',
      'Release notes',
    ])
    expect(inputs.slice(0, 5).every(({ commits }) => String(commits).startsWith('a1b2c3d feat: first'))).toBe(true)
  })

  it('are shown by a link that opens the bot with their id, to those who may see them', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada', { admin: true })
    await ada.say('/grant @ada 1')
    await ada.sayFully(`/release_notes ${COMMITS}`)
    const [run] = await query(chat.core.db, (q) => q.selectFrom('run').select('id'))
    expect(await ada.say(`/start ${run?.id}`)).toContain('Release notes')
    const eve = await chat.known('eve')
    expect(await eve.say(`/start ${run?.id}`)).toBe('There is no such run here.')
    expect(await chat.person('stranger').say(`/start ${run?.id}`)).not.toContain('Release notes')
  })

  it('refuse a name that is none', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    expect(await ada.say('/release_notes --titel x\nabc')).toContain('There is no --titel here. Did you mean --title?')
    expect(await inputsOfRuns()).toEqual([])
  })

  it('refuse files they cannot read', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    const run = (...files: IncomingFile[]) => ada.say('/release_notes', { files })
    expect(await run(file('big.txt', 'x', 2 * 1024 * 1024))).toContain('larger than 1 MiB')
    expect(await run(file('lied.txt', 'x'.repeat(1024 * 1024 + 1), 5))).toContain('larger than 1 MiB')
    expect(await run(file('a.png', new Uint8Array([0x89, 0x50, 0, 1])))).toContain('a.png is not a text file.')
    expect(await run(file('latin.txt', new Uint8Array([0xe9, 0x20])))).toContain('latin.txt is not a text file.')
    expect(await run(file('a.txt', 'a'), file('b.txt', 'b'))).toContain('One file at a time')
    expect(await ada.say(`/release_notes ${COMMITS}`, { files: [file('c.txt', 'c')] })).toContain(
      'commits is given twice',
    )
    expect(await inputsOfRuns()).toEqual([])
  })

  it('are published from text, a file or a template, and every problem is told', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    const bob = await chat.known('bob')
    const hello = `jobId: hello
displayName: Hello
description: Greets.
inputSchema: { type: object, required: [name, times], properties: { name: { type: string }, times: { type: integer } } }
steps:
  - { stepId: greet, toolId: text.template, inputMappings: { template: { value: "Hello {{ name }}" }, data: { value: {} } } }
outputs: { text: { step: greet, output: text } }`
    expect(await ada.say(`/publish\n${hello}`)).toContain('/hello is ready for Personal.')
    expect(await ada.say('/hello Bob --times three')).toContain('times takes a whole number, not “three”.')
    expect(await ada.say('/hello Bob --times 3')).toBe('')
    expect(await inputsOfRuns()).toEqual([{ name: 'Bob', times: 3 }])
    expect(await bob.say('/hello Bob --times 3')).toContain('There is no /hello here.')
    expect(
      await ada.say('/publish', { files: [file('hello.yaml', hello.replace('Greets', 'Greets nicely'))] }),
    ).toContain('Version 2.')
    expect(await ada.say('/unpublish hello')).toContain('/hello is no command of Personal any more.')
    expect(await ada.say('/hello Bob --times 3')).toContain('There is no /hello here.')
    expect(await ada.say('/publish hello')).toContain('/hello is ready')
    expect(await ada.say('/publish faq-page')).toContain('/faq_page is ready')
    expect(await ada.say('/jobs templates')).toContain('campaign-brief')
    expect(await ada.say('/publish')).toContain('There is no job in your message.')
    expect(await ada.say('/publish no-such-template')).toContain('There is no template no-such-template.')
    const problems = await ada.say('/publish\njobId: start\ndisplayName: 3\nsteps: [{ stepId: a, toolId: no.such }]')
    expect(problems).toMatch(/problems:/)
    expect(problems).toContain('steps.0.toolId: there is no tool no.such')
    expect(problems).toContain('jobId: would answer to /start')
    expect(problems).toContain('displayName')
  })

  describe('that may cost more than one lets pass unasked', () => {
    let clock: TestClock
    let ada: Voice
    const ask = async (): Promise<Shown> => {
      clock = new TestClock()
      chat = await createChat(dialect, { clock, settings: { confirmAboveMicros: 1_000n } })
      ada = await chat.known('ada')
      const [question] = await ada.sayFully(`/release_notes ${COMMITS}`)
      if (!question) throw new Error('Not asked')
      return question
    }

    it('are started by the one who asked, exactly as asked, once', async () => {
      const question = await ask()
      expect(question.text).toBe('Release notes\n\nPersonal · ≈ $0.002 (max $0.002) · $1.00 left')
      expect(await inputsOfRuns()).toEqual([])
      const bob = await chat.known('bob')
      const [refused] = await bob.press(question, 'Run it')
      expect(refused?.text).toBe('Only the person who asked for this run can confirm it.')
      await ada.press(question, 'Run it')
      expect(await inputsOfRuns()).toEqual([{ commits: COMMITS, title: 'Release notes' }])
      const [again] = await ada.press(question, 'Run it')
      expect(again?.text).toBe('You started this already, on 2026-11-20 10:00 UTC.')
      expect(await inputsOfRuns()).toHaveLength(1)
      expect((await ada.press(question, 'Cancel'))[0]?.text).toContain('You started this already')
    })

    it('are called off by their other button', async () => {
      const question = await ask()
      expect((await ada.press(question, 'Cancel'))[0]?.text).toBe('Called off. Nothing was spent.')
      expect((await ada.press(question, 'Run it'))[0]?.text).toContain('You called this off already')
      expect(await inputsOfRuns()).toEqual([])
    })

    it('are asked for again after a day, and when the job or its price changed', async () => {
      const question = await ask()
      await chat.core.db.write((tx) =>
        query(tx, (q) =>
          q.insertInto('price').values({
            tool_id: 'docs.format',
            effective_at_ms: clock.nowMs(),
            unit: 'run',
            rate_micros: 5_000n,
            max_micros: 5_000n,
          }),
        ),
      )
      expect((await ada.press(question, 'Run it'))[0]?.text).toContain('its steps or prices changed. Start it again.')
      clock.advance(25 * 3_600_000)
      expect((await ada.press(question, 'Run it'))[0]?.text).toContain('asked more than a day ago')
      expect(await inputsOfRuns()).toEqual([])
    })

    it('is kept when there is no room for it, and begins by itself when there is', async () => {
      const question = await ask()
      await chat.core.db.write((tx) =>
        query(tx, (q) => q.updateTable('account').set({ monthly_cap_micros: 0n }).where('handle', '=', 'ada')),
      )
      const [refused] = await ada.press(question, 'Run it')
      expect(refused?.text).toContain('Your own monthly cap is $0.00')
      expect(await ada.say('/cap me off')).toContain('no cap any more')
      expect((await ada.press(question, 'Run it'))[0]?.text).toContain('You started this already')
      expect(await inputsOfRuns()).toHaveLength(1)
      await eventually(async () => expect(await ada.say('/status')).toContain('cost'))
    })
  })
})
