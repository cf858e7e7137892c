import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getPreferences } from '#core/accounts/preferences.ts'
import { personal } from '#core/context.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Chat, createChat, type Shown, type Voice } from './chat.ts'

describe.each(DIALECTS)('notifications from chat, on %s', (dialect) => {
  let chat: Chat
  let ada: Voice
  beforeAll(async () => {
    chat = await createChat(dialect)
    ada = await chat.known('ada')
  })
  afterAll(async () => {
    expect(chat.world.errors).toEqual([])
    await chat.end()
  })
  const set = async () => {
    const { id, handle, platformRole } = await ada.account()
    const actor = { accountId: id, handle, platformRole, channel: 'telegram', context: personal(id) } as const
    return getPreferences(chat.core, actor)
  }
  const only = (shown: Shown[]): Shown => {
    expect(shown).toHaveLength(1)
    return shown[0] as Shown
  }
  const press = async (shown: Shown, label: string): Promise<Shown> => only(await ada.press(shown, label))
  const labels = ({ parts }: Shown): string[] =>
    parts.flatMap((part) => (part.type === 'buttons' ? part.buttons.map(({ label }) => label) : []))

  it('are shown and changed by buttons alone', async () => {
    const overview = only(await ada.sayFully('/notifications'))
    expect(overview.text).toContain('Where: Telegram\nQuiet hours: none\nDigest: none: all comes at once')
    const quiet = await press(overview, 'Quiet hours')
    expect(quiet.text).toMatch(/^No quiet hours[\s\S]*Times are those of UTC/)
    const after = await press(quiet, '22:00 to 07:00')
    expect(after.text).toContain('Quiet hours: 22:00 to 07:00, UTC')
    const digest = await press(after, 'Digest')
    expect(digest.text).toContain('It gathers: decisions about your runs, runs that ended elsewhere.')
    await press(digest, 'At 08:00')
    const types = await press(digest, 'What it gathers')
    expect(types.text).toContain('• Runs that ended elsewhere: with the digest')
    const type = await press(types, 'Runs that ended elsewhere')
    expect(labels(type)).toEqual(['At once', 'With the digest', 'Off', 'On Telegram', 'On web', 'As usual', 'Types'])
    expect((await press(type, 'Off')).text).toContain('Runs that ended elsewhere: off')
    await press(await press(overview, 'Channels'), 'Only web')
    expect((await set()).notifications).toMatchObject({
      channels: ['web'],
      quietHours: { from: '22:00', to: '07:00' },
      digestAt: '08:00',
      types: { run_ended: { deliver: 'off' } },
    })
    // What somebody waits for is never off, and there is no button that would.
    const review = await press(types, 'Reviews that wait for you')
    expect(labels(review)).toEqual(['On Telegram', 'On web', 'As usual', 'Types'])
    await press(await press(await press(review, 'Types'), 'Runs that ended elsewhere'), 'As usual')
    await press(await press(overview, 'Channels'), 'As usual')
    await press(await press(overview, 'Quiet hours'), 'No quiet hours')
    await press(await press(overview, 'Digest'), 'No digest')
    expect((await set()).notifications).toMatchObject({ channels: null, quietHours: null, digestAt: null })
  })

  it('are typed as well, and what cannot be is said so', async () => {
    expect(await ada.say('/notifications quiet 23–6:30')).toContain('Quiet hours: 23:00 to 06:30, UTC')
    expect(await ada.say('/notifications zone Europe/Berlin')).toContain('06:30, Europe/Berlin')
    expect((await set()).timeZone).toBe('Europe/Berlin')
    expect(await ada.say('/notifications quiet late')).toContain(
      'Quiet hours are two times of the day like 22:00-07:00, or off.',
    )
    expect(await ada.say('/notifications digest 25:00')).toContain('like 9:00, or is off')
    expect(await ada.say('/notifications channels slack')).toContain(
      'You have no conversation of your own with the bot on slack yet.',
    )
    expect(await ada.say('/notifications channels pigeon')).toContain(
      'Channels are telegram, slack, email, web, or all.',
    )
    expect(await ada.say('/notifications review-asked off')).toContain('Waits for your answer: choose its channels')
    expect(await ada.say('/notifications weather')).toContain('There is no weather to choose here.')
    expect(await ada.say('/notifications zone Mars')).toContain('A time zone is a name like')
    const [first, again] = await ada.sayTwice('/notifications digest 9')
    expect(first).toContain('Digest: at 09:00, Europe/Berlin')
    expect(again).toBe(first)
    await ada.say('/notifications quiet off')
    await ada.say('/notifications digest off')
  })

  it('of an invitation let it be accepted with a press', async () => {
    const ben = await chat.known('ben')
    await ben.say('/createteam Acme')
    await ben.say('/invitemember @ada to Acme')
    const shown = await eventually(() => {
      const found = chat.shown.find(({ text }) => text === '@ben invites you to Acme, as a member.')
      if (!found) throw new Error('Nothing was told')
      return found
    })
    expect(shown).toMatchObject({ channel: 'telegram', conversation: 'private-ada' })
    expect((await press(shown, 'Accept')).text).toContain('Welcome to Acme, @ada.')
    expect((await press(shown, 'Decline')).text).toContain('You are a member of Acme already.')
  })
})
