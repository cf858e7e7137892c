import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { type Chat, createChat, joinCode, type Shown, type Voice } from './chat.ts'

describe.each(DIALECTS)('the board from chat on %s', (dialect) => {
  let chat: Chat
  let ada: Voice
  let bob: Voice
  beforeEach(async () => {
    chat = await createChat(dialect)
    ada = await chat.known('ada')
    bob = await chat.known('bob')
  })
  afterEach(async () => {
    expect(chat.world.errors).toEqual([])
    await chat.end()
  })
  const only = (messages: Shown[]): Shown => {
    const [first] = messages
    if (!first) throw new Error('Nothing was answered')
    return first
  }
  const labels = ({ parts }: Shown): string[] =>
    parts.flatMap((part) => (part.type === 'buttons' ? part.buttons.map(({ label }) => label) : []))
  const rows = () => query(chat.core.db, (q) => q.selectFrom('task').selectAll().orderBy('id'))

  const inTeam = async (): Promise<void> => {
    await ada.say('/createteam Acme')
    const code = joinCode(await ada.say('/invitemember bob to Acme'))
    await bob.say(`/join ${code}`)
    for (const voice of [ada, bob]) await voice.say('/setcontext team Acme')
  }

  it('a task is put there, claimed, worked on and approved, without an id', async () => {
    await inTeam()
    const made = only(await ada.sayFully('/task --priority high Fix the door\nIt squeaks.'))
    expect(made.text).toContain('Fix the door')
    expect(made.text).toContain('It squeaks.')
    expect(labels(made)).toEqual(['Claim', 'Start'])
    const claimed = only(await bob.press(made, 'Claim'))
    expect(claimed.text).toContain('@bob')
    expect(await bob.say('/move in_progress')).toContain('It is in progress now.')
    const review = only(await bob.sayFully('/move review'))
    expect(labels(review)).toEqual(['Request changes'])
    expect(await bob.say('/move approved')).toContain('No task here could go to approved')
    expect(await ada.say('/tasks')).toContain('Fix the door')
    const shown = only(await ada.press(only(await ada.sayFully('/tasks')), 'Fix the door'))
    expect(labels(shown)).toEqual(['Approve', 'Request changes'])
    await ada.press(shown, 'Approve')
    // The button of a card that is old by now says what stands there.
    expect(only(await ada.press(shown, 'Approve')).text).toContain('A task that is approved can go to merging')
    expect(await ada.say('/move merging')).toContain('merging')
    expect(await ada.say('/move done The hinge was loose')).toContain('It is done now.')
    expect(await rows()).toMatchObject([{ status: 'done', priority: 75, description: 'It squeaks.' }])
    expect(await ada.say('/tasks')).toContain('There is nothing on the board of Team Acme')
  })

  it('where several fit it asks which one; where none does it says so', async () => {
    await ada.say('/task Call the printer')
    await ada.say('/task Call the painter')
    const asked = only(await ada.sayFully('/claim call the p'))
    expect(labels(asked).toSorted()).toEqual(['Call the painter', 'Call the printer'])
    expect(only(await ada.press(asked, 'Call the painter')).text).toContain('It is yours.')
    const next = only(await ada.sayFully('/claim'))
    expect(next.text).toContain('Call the printer')
    expect(await ada.say('/claim')).toContain('Nothing on this board can be begun')
    expect(await ada.say('/claim nothing like it')).toContain('No task here is called nothing like it')
    expect(await ada.say('/move flying')).toContain('in_progress')
    const which = only(await ada.sayFully('/move blocked The shop is closed'))
    await ada.press(which, 'Call the printer')
    expect((await rows()).map(({ title, status }) => `${title}: ${status}`).toSorted()).toEqual([
      'Call the painter: claimed',
      'Call the printer: blocked',
    ])
    expect(await ada.say('/tasks --status blocked')).toContain('Call the printer')
    expect(await bob.say('/tasks')).toContain('There is nothing on the board')
  })

  it('what must be met and who does it are said with the task, and nobody types an id', async () => {
    await inTeam()
    const made = only(
      await ada.sayFully('/task --to @bob Fix the door\nIt squeaks.\n- [ ] It closes\n* [ ] It opens\nSoon.'),
    )
    expect(made.text).toContain('Who: @bob')
    expect((await rows()).at(-1)).toMatchObject({ title: 'Fix the door', description: 'It squeaks.\nSoon.' })
    expect(JSON.parse((await rows()).at(-1)?.criteria_json ?? '').map(({ text }: { text: string }) => text)).toEqual([
      'It closes',
      'It opens',
    ])
    const eve = await chat.known('eve')
    for (const nobody of ['@eve', '@nobody', 'Max']) {
      expect(await ada.say(`/task --to ${nobody} Sing`)).toContain(`There is no agent or person called ${nobody} here.`)
    }
    expect(await eve.say('/tasks')).toContain('There is nothing on the board')
    expect(await rows()).toHaveLength(1)
  })

  it('who fits is found by rules or said to be unknown; the task is on the board either way', async () => {
    await inTeam()
    const alone = only(await ada.sayFully('/task --match Count the visitors'))
    expect(alone.text).toContain('It is on the board. There are no agents here. /hire hires one.')
    await ada.say('/hire analyst Rita')
    await ada.say('/hire support Sam')
    const unknown = only(await ada.sayFully('/task --match Mend the roof'))
    expect(unknown.text).toContain('Nothing says which agent fits this task, and there is no model to ask.')
    expect(labels(unknown)).toEqual(['Claim', 'Start', 'Give to Rita', 'Give to Sam', 'Whoever fits best'])
    const [first, again] = await ada.sayTwice('/task --match --label reports Look at the survey data')
    expect(first).toContain('Rita does it (100 % sure): data, report, survey.')
    expect(again).toContain('Rita does it')
    const left = only(await ada.sayFully('/task Answer the tickets\nThose of customers: questions and replies.'))
    const found = only(await ada.press(left, 'Whoever fits best'))
    expect(found.text).toMatch(/Sam does it \(\d+ % sure\)/)
    const made = (await rows()).filter(({ labels_json }) => !labels_json.includes('welcome'))
    expect(made.map(({ title }) => title)).toEqual([
      'Count the visitors',
      'Mend the roof',
      'Look at the survey data',
      'Answer the tickets',
    ])
  })

  it('items are checked off by buttons, and a message that is handled again makes nothing twice', async () => {
    const [first, second] = await ada.sayTwice('/task Fix the door')
    expect(second).toBe(first)
    const [row] = await rows()
    expect(await rows()).toHaveLength(1)
    await chat.core.db.write(async function addItem(tx) {
      const items = JSON.stringify([{ id: 'a1', text: 'It closes', checked: false, by: null, at: null }])
      await query(tx, (q) => q.updateTable('task').set({ criteria_json: items }))
    })
    const shown = only(await ada.sayFully(`/showtask ${row?.id}`))
    expect(shown.text).toContain('☐ It closes')
    const checked = only(await ada.press(shown, '☑ It closes'))
    expect(checked.text).toContain('☑ It closes')
    expect(labels(checked)).toEqual(['Claim', 'Start'])
  })
})
