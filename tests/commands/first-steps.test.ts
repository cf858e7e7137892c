import { afterEach, describe, expect, it } from 'vitest'
import { accountById } from '#core/accounts/account.ts'
import { ensureClaim } from '#core/accounts/claim.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Chat, createChat, joinCode } from './chat.ts'

const COMMITS = 'a1b2c3d feat: first\nb2c3d4e fix: second'

describe.each(DIALECTS)('a team finds its way in chat on %s', (dialect) => {
  let chat: Chat
  afterEach(() => chat.end())

  it('from the first claim to the statement', async () => {
    chat = await createChat(dialect)
    const { core } = chat
    const claim = await ensureClaim(core)
    const ada = chat.person('ada')
    expect(await ada.say('/start')).toContain('I only work for people who are known here')
    expect(await ada.say(`/start ${claim?.code}`)).toContain('This Muster is yours, @ada.')

    expect(await ada.say('/createteam Acme Rockets')).toContain('Acme Rockets is there, and you own it.')
    const invitation = await ada.say('/invitemember anyone to acme rockets')
    const code = joinCode(invitation)
    expect(invitation).toContain(`${core.settings.publicUrl}/join/${code}`)

    const bob = chat.person('bob', 'slack')
    expect(await bob.say('/jobs')).toContain('I only work for people who are known here')
    expect(await bob.say(`/join ${code}`)).toContain('Welcome to Acme Rockets, @bob.')
    expect(await chat.person('eve').say(`/join ${code}`)).toBe(
      'This invitation was used already. Ask ada for a new one.',
    )
    expect(await bob.say('/setcontext team acme rockets')).toBe(
      'Team Acme Rockets pays from now on, on this channel. $0.00 is available.',
    )
    expect(await bob.say('/mycontext')).toContain('Because: you chose it with /setcontext')

    expect(await bob.say(`/release_notes\n${COMMITS}`)).toMatch(
      /^Not enough money: this needs \$0\.002, and \$0\.00 is available\.\n\n\/fund <amount> puts money in from your own/,
    )
    expect(await ada.say('/fund 5 --as "team:Acme Rockets"')).toBe('Team Acme Rockets got $5.00. $5.00 is available.')
    expect(await bob.sayFully(`/release_notes\n${COMMITS}`)).toEqual([])
    await eventually(() => {
      const mine = chat.shown.filter(({ conversation }) => conversation === 'private-bob')
      const words = mine.map(({ text }) => text).join('\n')
      expect(words).toContain('✓ Release notes')
      expect(words).toContain('Team Acme Rockets · cost $0.002 · $4.998 left')
      expect(words).toContain('first')
    })
    expect(await bob.say('/runs')).toMatch(/release-notes\s+succeeded\s+\$0\.002/)
    expect(await bob.say('/status')).toContain('✓ Release notes')
    expect(await bob.say('/log')).toContain('run.settled')
    expect(await bob.say('/statement')).toMatch(/charge release-notes\s+-\$0\.002\s+\$4\.998\s+@bob/)
    expect(await bob.say('/usage')).toContain('$0.002 spent in 1 run.')
    expect(chat.world.errors).toEqual([])
  })

  it('and its limits hold for each, with what helps', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada', { admin: true })
    await ada.say('/createteam Acme')
    const bob = chat.person('bob')
    await bob.say(`/join ${joinCode(await ada.say('/invite anyone'))}`)
    await bob.say('/setcontext team Acme')
    await ada.say('/setcontext Acme')
    await ada.say('/fund 1')
    const run = `/release_notes\n${COMMITS}`

    expect(await bob.say('/cap team 5')).toContain('Only admins and the owner of Acme may')
    expect(await ada.say('/cap @bob 0.001')).toBe('@bob may spend $0.001 a month.')
    expect(await bob.say(run)).toMatch(
      /^Your monthly cap in Acme is \$0\.001; \$0\.00 is used .*\n\nThe admins of Team Acme/,
    )
    expect(await ada.say('/cap bob off')).toBe('@bob has no cap any more.')
    expect(await ada.say('/cap team $0.003')).toBe('Acme may spend $0.003 a month.')
    expect(await bob.say(run)).toBe('')
    expect(await bob.say(run)).toContain('The monthly cap of Acme is $0.003; $0.002 is used')
    expect(await ada.say('/cap team off')).toBe('Acme has no cap any more.')
    expect(await bob.say('/cap me 0.001')).toContain('You may spend $0.001 a month, all teams included.')
    expect(await bob.say(run)).toContain('/cap me off')
    await bob.say('/cap me off')

    await ada.say('/setcontext personal')
    await eventually(async () =>
      expect(await ada.say('/fund 0.9 --from team:Acme')).toBe(
        'Personal got $0.90 from Team Acme. $0.098 is left there.',
      ),
    )
    await ada.say('/setcontext team Acme')
    expect(await ada.say('/creditline Acme 2')).toContain('Acme may go $2.00 below zero.')
    for (let spent = 0; spent < 60; spent++) expect(await bob.say(run)).toBe('')
    await eventually(async () => expect(await ada.say('/balance')).toMatch(/Owed: \$0\.02/))
    expect(await ada.say('/repay 1')).toMatch(/^Team Acme got \$1\.00 back\. \$2\.9\d+ is available\.$/)
    expect(chat.world.errors).toEqual([])
  })

  it('falls back to personal when one is removed, and says so once', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada', { admin: true })
    const bob = await chat.known('bob')
    await ada.say('/createteam Acme')
    await bob.say(`/join ${joinCode(await ada.say('/invite @bob to Acme'))}`)
    await bob.say('/setcontext team Acme')
    expect(await ada.say('/members')).toMatch(/@bob\s+member/)
    expect(await ada.say('/setrole @bob viewer')).toBe('@bob is viewer of Acme now.')
    expect(await bob.say(`/release_notes\n${COMMITS}`)).toContain('You are a viewer there.')
    expect(await ada.say('/removemember bob from Acme')).toContain('@bob is not in Acme any more.')
    expect(await bob.say('/mycontext')).toMatch(
      /^You are not in Acme any more.*your context is personal\.\n---\nContext: Personal/s,
    )
    expect(await bob.say('/mycontext')).toMatch(/^Context: Personal/)
    expect(await bob.say('/balance --as team:Acme')).toBe('You are in no team called “Acme”.')
  })

  it('ties a group to a team, which then pays there for its members', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada', { admin: true })
    const bob = await chat.known('bob')
    await ada.say('/createteam Acme')
    const group = { group: 'g1' }
    expect(await ada.say('/linkchat Acme')).toContain('This is for groups.')
    expect(await bob.say('/linkchat Acme', group)).toContain('no team Acme here')
    expect(await ada.say('/linkchat acme', { group: 'g1:7' })).toContain('This chat is tied to Acme now')
    expect(await ada.say('/mycontext', group)).toContain('Because: this chat is tied to it')
    expect(await bob.say('/mycontext', group)).toContain('Context: Personal')
    expect(await ada.say('/mycontext --as personal', group)).toContain('Because: you said so with --as')
    const [first, second] = await ada.sayTwice('/unlinkchat', { group: 'g1:9' })
    expect(first).toContain('not tied to Acme any more')
    expect(second).toBe(first)
    expect(await ada.say('/mycontext', group)).toContain('Context: Personal')
  })

  it('joins two channels when both sides say so', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    const [, code] = /([2-9A-Z]{8})/.exec(await ada.say('/link')) ?? []
    expect(await ada.say('/link', { group: 'g1' })).toContain('Others read along here.')
    const stranger = chat.person('ada.slack', 'slack')
    expect(await stranger.say('/link 2222 2222')).toContain('This code is not known here.')
    expect(await stranger.say(`/link ${code?.slice(0, 4)} ${code?.slice(4)}`)).toContain('I asked on Telegram')
    const question = await eventually(() => {
      const found = chat.shown.find(({ text }) => text.includes('Is that you?'))
      if (!found) throw new Error('Not asked yet')
      return found
    })
    expect(question.text).toContain('sent your code on Slack, as ada.slack')
    expect(question.conversation).toBe('private-ada')
    const [answer] = await ada.press(question, 'Yes, that is me')
    expect(answer?.text).toBe('Done: ada.slack on Slack is you.')
    expect(await stranger.say('/whoami')).toContain('Handle: @ada\n')
    const [late] = await ada.press(question, 'No')
    expect(late?.text).toContain('used already')
  })

  it('lets the web and the console in by the account itself', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    const { id } = await ada.account()
    expect((await accountById(chat.core.db, id))?.handle).toBe('ada')
    const web = chat.person(id, 'web')
    expect(await web.say('whoami')).toContain('Handle: @ada')
    expect(await web.say('/console')).toContain(`${chat.core.settings.publicUrl}/login?code=`)
    expect(await chat.person('acc_nobody', 'web').say('/whoami')).toContain('I only work for people')
  })

  it('and names a team where several could be meant', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    await ada.say('/createteam Acme Rockets')
    await ada.say('/createteam Night Desk')
    expect(await ada.say('/members')).toContain('say which one of Acme Rockets, Night Desk.')
    expect(await ada.say('/cap Acme Rockets 100')).toBe('Acme Rockets may spend $100.00 a month.')
    expect(await ada.say('/cap "Night Desk" 5')).toBe('Night Desk may spend $5.00 a month.')
    expect(await ada.say('/cap Acme Rockets off')).toBe('Acme Rockets has no cap any more.')
    expect(await ada.say('/cap Nobody 5')).toBe('There is no person and no team Nobody here.')
    expect(await ada.say('/cap team 5')).toContain('This is your personal context')
    const bob = await chat.known('bob')
    expect(await bob.say('/cap Acme Rockets 1')).toBe('There is no person and no team Acme Rockets here.')
  })
})
