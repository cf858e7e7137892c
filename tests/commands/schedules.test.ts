import { afterEach, describe, expect, it } from 'vitest'
import { query } from '#db/statement.ts'
import { ShiftedClock } from '#tests/support/chat-world.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Chat, createChat, joinCode, type Shown, type Voice } from './chat.ts'

const COMMITS = 'a1b2c3d feat: first'
const HOUR_MS = 3_600_000

describe.each(DIALECTS)('schedules from chat on %s', (dialect) => {
  let chat: Chat
  let clock: ShiftedClock
  let ada: Voice
  afterEach(async () => {
    expect(chat.world.errors).toEqual([])
    await chat.end()
  })
  const begin = async (): Promise<void> => {
    clock = new ShiftedClock()
    chat = await createChat(dialect, { clock })
    ada = await chat.known('ada')
  }
  const rows = () => query(chat.core.db, (q) => q.selectFrom('schedule').selectAll().orderBy('id'))
  const only = (messages: Shown[]): Shown => {
    const [first] = messages
    if (!first) throw new Error('Nothing was answered')
    return first
  }

  it('are made from words that are spelt out, with inputs behind them', async () => {
    await begin()
    const answer = await ada.say(
      `/schedule release_notes every weekday at 9:30 --title "Daily news" ${COMMITS}\nb2c3d4e fix: second`,
    )
    expect(answer).toContain('release-notes · at 09:30, Monday through Friday (UTC)')
    expect(answer.match(/Next: .* · .* · .*/)).not.toBeNull()
    expect(answer).toContain('Personal · ≈ $0.002 (max $0.002) · $1.00 left · each run')
    expect(await rows()).toMatchObject([
      { kind: 'cron', cron: '30 9 * * 1-5', status: 'active', channel: 'telegram', conversation: 'private-ada' },
    ])
    const [row] = await rows()
    expect(JSON.parse(row?.inputs_json ?? '')).toEqual({
      title: 'Daily news',
      commits: `${COMMITS}\nb2c3d4e fix: second`,
    })
  })

  it('take their own settings right behind the time', async () => {
    await begin()
    const line =
      '/schedule docs.lint every 2h --times 5 --budget $1 --missed all:3 --until 2099-01-01 --zone Europe/Berlin # My page'
    expect(await ada.say(line)).toContain('0 of 5 times · $0.00 of $1.00 used · until 1 Jan 2099')
    expect(await rows()).toMatchObject([
      { every_ms: 2 * HOUR_MS, max_runs: 5, missed_policy: 'all', missed_max: 3, time_zone: 'Europe/Berlin' },
    ])
    expect(JSON.parse((await rows())[0]?.inputs_json ?? '')).toEqual({ text: '# My page' })
    expect(await ada.say('/schedule docs.lint every 2h --times none # x')).toContain('--times takes a whole number')
    expect(await ada.say('/schedule docs.lint every 2h --missed never # x')).toContain('--missed is skip, once, all')
    expect(await ada.say('/schedule docs.lint cron "0 9 * * *" --zone Berlin # x')).toContain(
      'A time zone is a name like',
    )
    expect(await ada.say('/schedule docs.lint sometimes # x')).toContain(
      'I do not understand “sometimes # x” as a time.',
    )
    expect(await ada.say('/schedule docs.lint')).toContain('That says no time.')
    expect(await rows()).toHaveLength(1)
  })

  it('ask for inputs that are missing', async () => {
    await begin()
    await ada.sayFully('/schedule release_notes every day --title Daily')
    await ada.form(/^Release notes[\s\S]*Commits/)
    expect(await rows()).toEqual([])
    await ada.sayFully(COMMITS)
    await eventually(async () => expect(await rows()).toHaveLength(1))
  })

  it('that were understood rather than read are read back before they exist', async () => {
    await begin()
    const question = only(await ada.sayFully(`/schedule release_notes tomorrow 9am ${COMMITS}`))
    expect(question.text).toMatch(/Release notes · once, .* 09:00 \(UTC\)/)
    expect(question.text).toMatch(/That is .* 09:00\. Shall I\?/)
    expect(await rows()).toEqual([])
    const made = only(await ada.press(question, 'Schedule it'))
    expect(made.text).toContain('Scheduled.')
    expect(await rows()).toMatchObject([{ kind: 'once', status: 'active' }])
    expect(only(await ada.press(question, 'Schedule it')).text).toContain('You have said yes to this already.')
    const other = only(await ada.sayFully(`/schedule release_notes next friday at 17:30 ${COMMITS}`))
    expect(only(await ada.press(other, 'Cancel')).text).toBe('Called off. Nothing was scheduled.')
    expect(await rows()).toHaveLength(1)
  })

  it('run where they were made: card and result come there', async () => {
    await begin()
    await ada.say(`/schedule release_notes in 10m ${COMMITS}`)
    clock.advance(10 * 60_000)
    const card = await eventually(() => {
      const shown = chat.shown.find(({ text }) => text.startsWith('✓ Release notes'))
      if (!shown) throw new Error('No card yet')
      return shown
    })
    expect(card).toMatchObject({ channel: 'telegram', conversation: 'private-ada' })
    await eventually(() => expect(chat.shown.some(({ text }) => text.includes('# Release notes'))).toBe(true))
    expect(await ada.say('/schedules')).toContain('Nothing of Personal runs by itself.')
  })

  it('are paused, resumed, run and removed by their buttons, or by the job where one fits', async () => {
    await begin()
    await ada.say(`/schedule release_notes every monday ${COMMITS}`)
    const list = only(await ada.sayFully('/schedules'))
    expect(list.text).toContain('release-notes · at 09:00, only on Monday (UTC)')
    expect(only(await ada.press(list, 'Pause')).text).toContain('release-notes is paused.')
    const paused = only(await ada.sayFully('/schedules'))
    expect(paused.text).toContain('paused')
    expect(only(await ada.press(paused, 'Resume')).text).toContain('It goes on.')
    await ada.press(list, 'Run now')
    await eventually(() => expect(chat.shown.some(({ text }) => text.startsWith('✓ Release notes'))).toBe(true))
    expect(await ada.say('/pause release_notes --until "in 2 days"')).toContain('release-notes is paused until')
    expect(await ada.say('/resume')).toContain('It goes on.')
    expect(await ada.say('/runnow')).toBe('')
    await ada.say('/schedule docs.lint every day # Hi')
    expect(await ada.say('/pause')).toContain('Several schedules fit.')
    expect(await ada.say('/pause changelog')).toContain('There is no schedule of changelog here.')
    expect(await ada.say('/unschedule docs.lint')).toContain('Removed.')
    expect(only(await ada.press(list, 'Remove')).text).toContain('Removed.')
    expect(await ada.say('/unschedule')).toContain('There is no schedule here.')
  })

  it('of a team are for those who may schedule there, in private for all others', async () => {
    await begin()
    const [bob, eve] = [await chat.known('bob'), await chat.known('eve')]
    await ada.say('/createteam Acme')
    await bob.say(`/join ${joinCode(await ada.say('/invite @bob to Acme'))}`)
    await ada.say(`/schedule release_notes every monday --as team:Acme ${COMMITS}`)
    const [row] = await rows()
    expect(row?.context).toMatch(/^team:/)
    expect(await bob.say(`/schedule release_notes every monday --as team:Acme ${COMMITS}`)).toContain(
      'Only admins and the owner of Acme may change schedules there.',
    )
    expect(await bob.say('/schedules --as team:Acme')).toContain('release-notes')
    expect(await bob.say(`/pause ${row?.id}`)).toContain('Only admins and the owner of Acme')
    expect(await eve.say(`/pause ${row?.id}`)).toBe('There is no such schedule here.')
    expect(await eve.say(`/runnow ${row?.id}`)).toBe('There is no such schedule here.')
  })

  it('that cost more than is let pass unasked are read back, too', async () => {
    await begin()
    await chat.core.db.write((tx) => query(tx, (q) => q.updateTable('account').set({ confirm_above_micros: 1n })))
    const question = only(await ada.sayFully(`/schedule release_notes every monday ${COMMITS}`))
    expect(question.text).toContain('Shall I?')
    expect(await rows()).toEqual([])
    await ada.press(question, 'Schedule it')
    expect(await rows()).toHaveLength(1)
  })
})
