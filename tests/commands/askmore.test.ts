import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkLedger } from '#core/economy/check.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Chat, createChat, joinCode, type Shown, type Voice } from './chat.ts'

const RUN = '/release_notes\na1b2c3d feat: first'

describe.each(DIALECTS)('asking for more in chat on %s', (dialect) => {
  let chat: Chat
  let ann: Voice
  let abe: Voice
  let ben: Voice
  beforeEach(async () => {
    chat = await createChat(dialect, { settings: { welcomeCreditMicros: 1_000_000n } })
    ann = await chat.known('ann')
    abe = await chat.known('abe', { channel: 'slack' })
    ben = await chat.known('ben')
    await ann.say('/createteam Acme')
    for (const voice of [abe, ben]) {
      await voice.say(`/join ${joinCode(await ann.say('/invite anyone to Acme'))}`)
      await voice.say('/setcontext Acme')
    }
    await ann.say('/setcontext Acme')
    await ann.say('/setrole @abe admin')
  })
  afterEach(async () => {
    expect(chat.world.errors).toEqual([])
    expect((await checkLedger(chat.core)).sound).toBe(true)
    await chat.end()
  })

  const last = (conversation: string, words: string | RegExp): Promise<Shown> =>
    eventually(() => {
      const found = chat.shown.findLast((one) => one.conversation === conversation && one.text.match(words))
      if (!found) {
        const there = chat.shown.filter((one) => one.conversation === conversation).map(({ text }) => text)
        throw new Error(`Nothing in ${conversation} says ${words}, but: ${there.join('\n---\n')}`)
      }
      return found
    })
  const labels = ({ parts }: Shown): string[] =>
    parts.flatMap((part) => (part.type === 'buttons' ? part.buttons.map(({ label }) => label) : []))

  it('goes from the card in the group to the admins, and from their button back to the run', async () => {
    const [pointer] = await ben.sayFully(RUN, { group: 'g' })
    expect(pointer).toMatchObject({ onlyFor: 'ben', text: expect.stringContaining('$0.00 is available') })
    const card = await last('g', /Release notes/)
    expect(card.text).toContain('Not enough money: this needs $0.002, and $0.00 is available. It is kept until')
    expect(card.text).toContain('The admins of the team can help')
    expect(labels(card)).toEqual(['Ask for more', 'Cancel'])
    const [answer] = await ben.press(card, 'Ask for more', { group: 'g' })
    expect(answer?.onlyFor).toBe('ben')
    expect(answer?.text).toMatch(/^I have asked for \$0\.002 more \(money in the wallet\)\. Those who can grant it/)
    await last('g', /@ben has asked for more/)

    const toAnn = await last('private-ann', /@ben asks for \$0\.002 more in the wallet of Team Acme, for release-notes/)
    const toAbe = await last('private-abe', /@ben asks for/)
    expect(labels(toAnn)).toEqual(['Grant', 'Decline'])
    expect((await abe.press(toAbe, 'Grant'))[0]?.text).toBe(
      '@ben has $0.002 more (money in the wallet). The run goes on.',
    )
    await last('g', /cost \$0\.002 · \$0\.00 left/)
    await last('private-ben', /@abe granted you \$0\.002 more .* Your run goes on\./)
    const after = await last('private-ann', /Granted by @abe, on/)
    expect(after.messageRef).toBe(toAnn.messageRef)
    expect(labels(after)).toEqual([])
    // Ann's telegram still shows the old buttons for a moment: what they say then.
    expect(await ann.say('/allowmore')).toBe('Nobody has asked for more here.')
    expect(await abe.say('/balance --as personal')).toContain('$0.998')
  })

  it('tells who presses a stale button what happened, and who was told no why', async () => {
    await ben.say(RUN)
    await ben.say('/askmore')
    const toAnn = await last('private-ann', /@ben asks for/)
    const stale = { ...toAnn }
    expect(await abe.say('/declinemore Not this month')).toBe('Declined. @ben has been told.')
    await last('private-ben', /@abe declined your request for \$0\.002 more .*: Not this month/)
    expect((await ann.press(stale, 'Grant'))[0]?.text).toMatch(/^@abe declined this already, on .* UTC\.$/)
    const card = await last('private-ben', /Release notes/)
    expect(labels(card)).toEqual(['Ask for more', 'Cancel'])
    await ben.press(card, 'Cancel')
    await last('private-ben', /Stopped by @ben/)
  })

  it('raises a cap for a time, which /balance shows', async () => {
    await ann.say('/fund 0.5')
    await ann.say('/cap @ben 0.001')
    expect(await ben.say(RUN)).toContain('Your monthly cap in Acme is $0.001; $0.00 is used')
    const card = await last('private-ben', /Release notes/)
    expect(card.text).toContain("There is no room for this: @ben's monthly cap in Team Acme has not enough left.")
    expect(await ben.say('/askmore 0.002 until 3d --reason "The release"')).toContain('monthly cap in the team')
    const toAnn = await last('private-ann', /on top of @ben's monthly cap in Team Acme/)
    expect(toAnn.text).toContain('“The release”')
    expect(await ben.say('/allowmore')).toContain('Only admins and the owner of Acme may change limits there.')
    await ann.press(toAnn, 'Grant')
    await last('private-ben', /cost \$0\.002/)
    expect(await ben.say('/balance')).toMatch(
      /Your monthly cap in Acme: \$0\.002 of \$0\.003 used, of it \$0\.002 until \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
    )
    expect(await ben.say('/askmore 1 until yesterday')).toContain('takes a length of time like 3d')
  })

  it('shows admins what is open, each with its button', async () => {
    await ben.say('/askmore 0.10')
    await abe.say('/askmore 0.20')
    const [list] = await ann.sayFully('/budgetrequests')
    expect(list?.text).toMatch(/2 open requests[\s\S]*@abe: \$0\.20 .*[\s\S]*@ben: \$0\.10/)
    expect(await ann.say('/allowmore')).toBe('Several have asked for more. /budgetrequests shows them.')
    expect((await ann.press(list as Shown, 'Grant @ben $0.10'))[0]?.text).toContain('@ben has $0.10 more')
    expect(await ann.say('/allowmore')).toContain('@abe has $0.20 more')
    expect(await ann.say('/balance')).toContain('$0.30')
  })
})
