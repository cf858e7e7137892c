import { afterEach, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { createProvider } from '../core/runs/runs-world.ts'
import { type Chat, createChat, joinCode, type Shown, type Voice } from './chat.ts'

const COMMITS = 'a1b2c3d feat: first'
const SAY = `/publish
jobId: say
displayName: Say
description: Says two words.
inputSchema: { type: object, properties: {} }
steps:
  - { stepId: one, toolId: test.say, inputMappings: { word: { value: one } }, retry: { maxAttempts: 1 } }
  - { stepId: two, toolId: test.say, inputMappings: { word: { value: two } }, retry: { maxAttempts: 1 } }
outputs: { text: { step: two, output: text } }`

describe.each(DIALECTS)('results in chat on %s', (dialect) => {
  let chat: Chat
  let ada: Voice
  const provider = createProvider()
  afterEach(async () => {
    expect((await checkLedger(chat.core)).sound).toBe(true)
    expect(chat.world.errors).toEqual([])
    await chat.end()
  })

  const begin = async (): Promise<void> => {
    provider.broken.clear()
    provider.calls.length = 0
    chat = await createChat(dialect, { tools: [provider.tool] })
    ada = await chat.known('ada')
  }
  const labels = ({ parts }: Shown): string[] =>
    parts.flatMap((part) => (part.type === 'buttons' ? part.buttons.map(({ label }) => label) : []))
  /** The newest card with that title, once it shows these buttons. */
  const cardOf = (title: string, ...shown: string[]): Promise<Shown> =>
    eventually(() => {
      const card = chat.shown.findLast(({ parts }) =>
        parts.some((part) => part.type === 'progress' && part.title === title),
      )
      if (!card) throw new Error('No card')
      expect(labels(card)).toEqual(shown)
      return card
    })
  const filesOf = (message: Shown | undefined) => message?.parts.filter((part) => part.type === 'file') ?? []

  it('are accepted from the card, which then says by whom, and whose old buttons explain', async () => {
    await begin()
    await ada.say('/createteam Acme')
    const bob = await chat.known('bob')
    await bob.say(`/join ${joinCode(await ada.say('/invite @bob to Acme'))}`)
    await ada.say('/fund 0.5 --as team:Acme')
    await ada.sayFully('/linkchat Acme', { group: 'g' })
    await ada.say('/setcontext Acme')
    await ada.sayFully(`/release_notes ${COMMITS}`, { group: 'g' })
    const card = await cardOf('Release notes', 'Accept', 'Export', 'Run again')
    const before = { ...card, parts: card.parts }
    expect(await bob.press(card, 'Accept', { group: 'g' })).toEqual([])
    const after = await cardOf('Release notes', 'Export', 'Run again')
    expect(after.text).toContain('Accepted by @bob on ')
    // The card says it, and nothing else says it again.
    expect(chat.shown.filter(({ text }) => /accepted/i.test(text))).toEqual([after])
    expect(await bob.press(before, 'Accept', { group: 'g' })).toEqual([])
    const [late] = await ada.press(before, 'Accept', { group: 'g' })
    expect(late?.text).toMatch(/^@bob accepted variant 1 of release-notes already, on \d/)
    const eve = await chat.known('eve')
    const [refused] = await eve.press(before, 'Accept', { group: 'g' })
    expect(refused?.text).toContain('There is no such variant here.')
    const [asked] = await ada.press(after, 'Export', { group: 'g' })
    expect(labels(asked as Shown)).toEqual(['Markdown', 'JSON', 'CSV', 'As it is'])
    const [file] = await ada.press(asked as Shown, 'CSV', { group: 'g' })
    expect(filesOf(file)).toMatchObject([{ name: 'release-notes.csv', mediaType: 'text/csv' }])
  })

  it('are more when run again: chosen by number or button, each with a preview', async () => {
    await begin()
    await ada.sayFully(`/release_notes ${COMMITS}`)
    const card = await cardOf('Release notes', 'Accept', 'Export', 'Run again')
    await ada.press(card, 'Run again')
    await eventually(async () => {
      const rows = await query(chat.core.db, (q) => q.selectFrom('run').select('status'))
      expect(rows.map(({ status }) => status)).toEqual(['succeeded', 'succeeded'])
    })
    const [second] = await ada.press(card, 'Run again')
    expect(second?.text).toContain('You pressed this already')
    const listed = await ada.say('/variants')
    expect(listed).toContain('Release notes · 2 variants')
    expect(listed).toMatch(/Variant 1[\s\S]*Variant 2/)
    expect(await ada.say('/accept')).toContain('Which one do you accept?')
    expect(await ada.say('/accept 3')).toContain('There is no variant 3 of release-notes: it has 2.')
    // Typed, or pressed in the list, it is answered: the card may be far above.
    expect(await ada.say('/accept 2')).toBe('Variant 2 of release-notes is accepted.')
    expect(await ada.say('/accept 2')).toBe('Variant 2 of release-notes is accepted.')
    expect(await ada.say('/accept 1')).toMatch(/^You accepted a variant of this run already, on /)
    // From now on the accepted one is meant.
    const [file] = await ada.sayFully('/export markdown')
    expect(filesOf(file)).toMatchObject([{ name: 'release-notes-2.md' }])
  })

  it('that failed are retried from the card, and go on where they failed', async () => {
    await begin()
    await ada.say(SAY)
    expect(await ada.say('/accept')).toContain('You have not run anything here yet.')
    provider.broken.add('two')
    await ada.sayFully('/say')
    const card = await cardOf('Say', 'Retry', 'Run again')
    expect(await ada.say('/variants')).toContain('say has no result to choose from.')
    provider.broken.clear()
    const [answer] = await ada.press(card, 'Retry')
    expect(answer?.text).toBe('say goes on where it failed.')
    await cardOf('Say', 'Accept', 'Export', 'Run again')
    expect(provider.calls.map(({ word }) => word)).toEqual(['one', 'two', 'two'])
    await eventually(() => expect(chat.shown.filter(({ text }) => text === 'two!')).toHaveLength(1))
    expect(await ada.say('/retry')).toContain('say has ended well, so no step has failed.')
  })

  it('wait for money when they are retried without any, and go on when it comes', async () => {
    await begin()
    await ada.say(SAY)
    provider.broken.add('two')
    await ada.sayFully('/say')
    const card = await cardOf('Say', 'Retry', 'Run again')
    provider.broken.clear()
    await ada.say('/createteam Piggy')
    await ada.say('/fund 0.999 --as team:Piggy')
    const [answer] = await ada.press(card, 'Retry')
    expect(answer?.text).toContain('Not enough money: this needs $0.001, and $0.00 is available.')
    expect(answer?.text).toContain('A platform admin can put money in: /grant @ada <amount>.')
    const waiting = await cardOf('Say', 'Ask for more', 'Cancel')
    expect(waiting.text).toContain('It is kept until')
    const root = await chat.known('root', { admin: true })
    await root.say('/grant @ada 1')
    await cardOf('Say', 'Accept', 'Export', 'Run again')
    expect(provider.calls.map(({ word }) => word)).toEqual(['one', 'two', 'two'])
  })

  it('are asked about first when running again may cost more than one lets pass unasked', async () => {
    await begin()
    await ada.sayFully(`/release_notes ${COMMITS}`)
    const card = await cardOf('Release notes', 'Accept', 'Export', 'Run again')
    await chat.core.db.write((tx) => query(tx, (q) => q.updateTable('account').set({ confirm_above_micros: 1n })))
    const [question] = await ada.press(card, 'Run again')
    expect(labels(question as Shown)).toEqual(['Run it', 'Cancel'])
    await ada.press(question as Shown, 'Run it')
    await eventually(async () => expect(await ada.say('/variants')).toContain('2 variants'))
  })
})
