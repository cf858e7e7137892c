import { afterEach, describe, expect, it } from 'vitest'
import type { IncomingFile } from '#core/chat/message.ts'
import { personal } from '#core/context.ts'
import { sweepForms } from '#core/forms/close.ts'
import { createFormDesk } from '#core/forms/desk.ts'
import { saveJob } from '#core/jobs/save.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Chat, createChat, type Shown, type Voice } from './chat.ts'

const POSTER = {
  jobId: 'poster',
  displayName: 'Poster',
  description: 'Makes a poster',
  inputSchema: {
    type: 'object',
    required: ['headline', 'copies', 'colour'],
    properties: {
      headline: { type: 'string', description: 'What stands on top', minLength: 3 },
      subline: { type: 'string' },
      copies: { type: 'integer', minimum: 1, maximum: 9 },
      colour: { type: 'string', enum: ['deep red', 'sea blue'] },
      framed: { type: 'boolean', default: false },
      notes: { type: 'string', format: 'file' },
    },
  },
  steps: [
    {
      stepId: 'make',
      toolId: 'text.template',
      inputMappings: { template: { value: 'done' }, data: { value: {} } },
    },
  ],
  outputs: { text: { step: 'make', output: 'text' } },
}

describe.each(DIALECTS)('forms in chat, on %s', (dialect) => {
  let chat: Chat
  afterEach(async () => {
    expect(chat.world.errors).toEqual([])
    await chat.end()
  })

  async function begin(): Promise<Voice> {
    chat = await createChat(dialect, { settings: { welcomeCreditMicros: 1_000_000n } })
    const ada = await chat.known('ada', { admin: true })
    const { id, handle, platformRole } = await ada.account()
    const actor = { accountId: id, handle, platformRole, channel: 'telegram', context: personal(id) } as const
    await saveJob(chat.core, actor, { source: POSTER as never, publish: true })
    return ada
  }

  const runs = async (): Promise<Record<string, unknown>[]> => {
    const rows = await query(chat.core.db, (q) => q.selectFrom('run').select('inputs_json').orderBy('id'))
    return rows.map(({ inputs_json }) => JSON.parse(inputs_json))
  }
  const labels = ({ parts }: Shown): string[] =>
    parts.flatMap((part) => (part.type === 'buttons' ? part.buttons.map(({ label }) => label) : []))

  it('ask for what a job needs, show it once more with its price, and start it', async () => {
    const ada = await begin()
    await ada.sayFully('/release_notes --title Spring')
    const question = await ada.form(/^Release notes\n\nPersonal · ≈ \$0\.002[^\n]*\n\nCommits: git log text/)
    expect(labels(question)).toEqual(['Cancel'])
    await ada.sayFully('a1b2c3d feat: first\nb2c3d4e fix: second')
    const overview = await ada.form(/Title: Spring/)
    expect(overview.text).toContain('Commits: a1b2c3d feat: first b2c3d4e fix: second')
    expect(overview.text).toContain('Personal · ≈ $0.002 (max $0.002) · $1.00 left')
    await eventually(() => expect(question.text).toBe('Commits: a1b2c3d feat: first b2c3d4e fix: second'))
    expect(await runs()).toEqual([])
    await ada.press(overview, 'Run it')
    await eventually(async () =>
      expect(await runs()).toEqual([{ title: 'Spring', commits: 'a1b2c3d feat: first\nb2c3d4e fix: second' }]),
    )
    await eventually(() => expect(overview.text).toMatch(/^✓ Release notes/))
    expect(labels(overview)).toEqual([])
  })

  it('take buttons in place and words below, say what is wrong, go back, and leave out what may be', async () => {
    const ada = await begin()
    await ada.sayFully('/poster')
    await ada.form(/Headline: what stands on top/)
    await ada.sayFully('no')
    await ada.form('✗ This must have at least 3 characters, not 2.')
    await ada.sayFully('Open day')
    const copies = await ada.form(/\n\nCopies\n\n/)
    expect(labels(copies)).toEqual(['Back', 'Cancel'])
    await ada.sayFully('12')
    await ada.form(/✗ This must be at most 9/)
    await ada.sayFully('3')
    const colour = await ada.form(/\n\nColour\n\n/)
    expect(labels(colour)).toEqual(['deep red', 'sea blue', 'Back', 'Cancel'])
    await ada.press(colour, 'sea blue')
    // Pressed, it goes on in the same message.
    const optional = await ada.form(/Colour: sea blue\n\nSubline/)
    expect(optional.messageRef).toBe(colour.messageRef)
    expect(labels(optional)).toEqual(['Skip', 'Skip the rest', 'Back', 'Cancel'])
    await ada.press(optional, 'Back')
    await ada.form(/Poster\n\nColour\n\n/)
    await ada.press(colour, 'deep red')
    await ada.form(/Colour: deep red\n\nSubline/)
    await ada.press(optional, 'Skip')
    const framed = await ada.form(/\n\nFramed\n\n/)
    expect(labels(framed)).toEqual(['Yes', 'No', 'Skip', 'Skip the rest', 'Back', 'Cancel'])
    await ada.press(framed, 'Yes')
    await ada.press(await ada.form(/\n\nNotes\n\n/), 'Skip')
    const overview = await ada.form(
      /Headline: Open day\nSubline: –\nCopies: 3\nColour: deep red\nFramed: yes\nNotes: –/,
    )
    await ada.press(overview, '✎ Copies')
    await ada.form(/\n\nCopies\n\n/)
    await ada.sayFully('4')
    const again = await ada.form(/Headline: Open day[\s\S]*Copies: 4/)
    await ada.press(again, 'Run it')
    await eventually(async () =>
      expect(await runs()).toEqual([{ headline: 'Open day', copies: 4, colour: 'deep red', framed: true }]),
    )
  })

  it('take a file for a text, and read it when they are sent', async () => {
    const ada = await begin()
    chat.files.set('f1', Buffer.from('from a file'))
    const file: IncomingFile = { name: 'notes.txt', mediaType: 'text/plain', sizeBytes: 11, fetchRef: 'f1' }
    await ada.sayFully('/poster --copies 1 --colour "deep red"')
    await ada.sayFully('', { files: [file] })
    await ada.press(await ada.form(/\n\nSubline\n\n/), 'Skip the rest')
    const overview = await ada.form('Headline: notes.txt')
    await ada.press(overview, 'Run it')
    await eventually(async () => expect(await runs()).toMatchObject([{ headline: 'from a file' }]))
  })

  it('are answered once by a delivery that comes twice, and sent once', async () => {
    const ada = await begin()
    await ada.sayFully('/poster --colour "deep red"')
    await ada.sayTwice('777')
    await ada.form(/\n\nCopies\n\n/)
    await ada.sayFully('7')
    await ada.press(await ada.form(/\n\nSubline\n\n/), 'Skip the rest')
    const overview = { ...(await ada.form('Headline: 777')) }
    await ada.press(overview, 'Run it')
    const [told] = await ada.press(overview, 'Run it')
    expect(told?.text).toMatch(/^You pressed this already/)
    expect(await runs()).toHaveLength(1)
  })

  it('are of one person, one at a time, and end with /cancel or with their day', async () => {
    const ada = await begin()
    const ben = await chat.known('ben')
    await ada.sayFully('/poster', { group: 'office' })
    const mine = await ada.form(/Headline/)
    expect((await ben.press(mine, 'Cancel', { group: 'office' }))[0]?.text).toMatch(/not yours/)
    await ada.sayFully('/release_notes', { group: 'office' })
    await eventually(() => expect(mine.text).toBe('Dropped: Poster'))
    const other = await ada.form(/Commits/)
    expect(await ben.say('a1b2c3d feat: mine', { group: 'office' })).not.toBe('')
    expect(await ada.say('/cancel', { group: 'office' })).toBe('Dropped. Nothing was done.')
    expect(await ada.say('/cancel', { group: 'office' })).toMatch(/not filling in anything/)
    await eventually(() => expect(other.text).toBe('Dropped: Release notes'))
    await ada.sayFully('/poster')
    const late = await ada.form(/Headline/)
    await chat.core.db.write(async function ageForms(tx) {
      await query(tx, (q) => q.updateTable('form').set({ expires_at_ms: 1 }).where('status', '=', 'open'))
    })
    expect(await ada.say('Open day')).toMatch(/did not understand/)
    expect((await ada.press(late, 'Cancel'))[0]?.text ?? 'dropped').toBeTruthy()
    await sweepForms(chat.core, new AbortController().signal)
    expect(await runs()).toEqual([])
  })

  it('ask which job, and put what was answered into its main input', async () => {
    const ada = await begin()
    await ada.sayFully('/run', { replyTo: { messageRef: 'm1', text: 'a1b2c3d feat: answered' } })
    const chooser = await ada.form(/^Run a job/)
    expect(labels(chooser)).toContain('Poster')
    await ada.press(chooser, 'Release notes')
    const title = await ada.form(/^Release notes[\s\S]*\n\nTitle/)
    await ada.press(title, 'Skip')
    const overview = await ada.form('Commits: a1b2c3d feat: answered')
    await ada.press(overview, 'Run it')
    await eventually(async () => expect(await runs()).toMatchObject([{ commits: 'a1b2c3d feat: answered' }]))
  })

  it('are filled in at once where the channel has forms, with what is wrong beside each field', async () => {
    const ada = await begin()
    const desk = createFormDesk(chat.core)
    const handled = await ada.ask('/poster --colour "sea blue"')
    const formId = handled.replies[0]?.formId ?? ''
    const person = { channel: 'telegram', externalId: 'ada' } as const
    expect(await desk.find(formId, { ...person, externalId: 'eve' })).toBeUndefined()
    const form = await desk.find(formId, person)
    expect(form?.fields.map(({ name, kind, value }) => [name, kind, value])).toEqual([
      ['headline', 'text', undefined],
      ['subline', 'text', undefined],
      ['copies', 'integer', undefined],
      ['colour', 'choice', 'sea blue'],
      ['framed', 'boolean', undefined],
      ['notes', 'file', undefined],
    ])
    const wrong = await desk.fill(formId, person, { values: { headline: '', copies: 'lots', framed: true } })
    expect(wrong?.isComplete).toBe(false)
    expect(wrong?.form.fields.flatMap(({ name, problem }) => (problem ? [[name, problem]] : []))).toEqual([
      ['headline', 'This is needed.'],
      ['copies', 'This takes a whole number.'],
    ])
    const right = await desk.fill(formId, person, { values: { headline: 'Open day', copies: 2, framed: null } })
    expect(right).toMatchObject({ isComplete: true, form: { note: expect.stringContaining('Personal · ≈') } })
    await chat.handle({ ...ada.incoming(''), form: { formId } }, 'telegram:sent')
    await chat.handle({ ...ada.incoming(''), form: { formId } }, 'telegram:sent')
    expect(await runs()).toEqual([{ headline: 'Open day', copies: 2, colour: 'sea blue', framed: false }])
    expect(await desk.find(formId, person)).toBeUndefined()
    expect(await desk.fill(formId, person, { values: {} })).toBeUndefined()
    const [late] = (await chat.handle({ ...ada.incoming(''), form: { formId } }, 'telegram:later')).replies
    expect(late?.parts).toMatchObject([{ text: 'This form was sent already.' }])
  })
})
