import { afterEach, describe, expect, it } from 'vitest'
import { createHandle } from '#commands/dispatch.ts'
import { COMMANDS } from '#commands/index.ts'
import { query } from '#db/statement.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Chat, createChat, inWords, joinCode, type Shown } from './chat.ts'

const COMMITS = 'a1b2c3d feat: first'
const HOW_TO_GET_IN = 'I only work for people who are known here.'

describe.each(DIALECTS)('dispatch on %s', (dialect) => {
  let chat: Chat
  afterEach(() => chat.end())

  const accounts = async (): Promise<number> =>
    (await query(chat.core.db, (q) => q.selectFrom('account').select('id'))).length

  it('tells strangers how to get in, and nothing else', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    const eve = chat.person('eve')
    const [jobsOfAda] = await ada.sayFully('/jobs')
    await ada.sayFully('/setcontext')
    for (const { name, access } of COMMANDS) {
      if (access === 'stranger') continue
      expect(await eve.say(`/${name} x 1`), name).toContain(HOW_TO_GET_IN)
    }
    for (const words of [
      'hello',
      '/nonsense',
      `/release_notes ${COMMITS}`,
      '/start',
      '/join wrong',
      '/link 22222222',
      '',
    ]) {
      const { replies } = await eve.ask(words)
      expect(replies.every(({ isPrivate }) => isPrivate)).toBe(true)
      expect(inWords(replies)).not.toMatch(/release|Jobs|ada/)
    }
    expect(await eve.say('/start not-a-code')).toBe(
      'This invitation code is not known here. Check it, or ask for a new one.',
    )
    expect(await eve.say('talk of others', { group: 'g', isAddressed: false })).toBe('')
    expect(jobsOfAda).toBeDefined()
    expect(await accounts()).toBe(1)
  })

  it('lets anyone in where access is open, but only who speaks to it', async () => {
    chat = await createChat(dialect, { settings: { access: 'open' } })
    const eve = chat.person('eve')
    expect(await eve.say('talk of others', { group: 'g', isAddressed: false })).toBe('')
    expect(await accounts()).toBe(0)
    expect(await eve.say('/balance')).toContain('Available: $1.00')
    expect(await eve.say('/start')).toContain('Hello eve.')
    expect(await accounts()).toBe(1)
  })

  it('shuts out closed accounts', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    await chat.core.db.write((tx) => query(tx, (q) => q.updateTable('account').set({ disabled_at_ms: 1 })))
    expect(await ada.say('/balance')).toBe('This account is closed.')
    expect(await ada.say('/join x')).toBe('This account is closed.')
  })

  it('answers talk shortly, and takes bare names where people address it', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    const slack = await chat.known('bob', { channel: 'slack' })
    const hint = 'I did not understand that. /help lists what I can do, /jobs what I can run.'
    expect(await ada.say('hello there')).toBe(hint)
    // A word alone is talk in a chat of one's own on Telegram: it is asked about.
    expect(await ada.say('balance')).toBe('I understood:\n\n/balance')
    expect(await ada.say('balance', { group: 'g' })).toContain('Available: $1.00')
    expect(await slack.say('balance')).toContain('Available: $1.00')
    expect(await slack.say('Good morning to you all')).toBe(hint)
    expect(
      await ada.say('', { files: [{ name: 'a.txt', mediaType: 'text/plain', sizeBytes: 1, fetchRef: 'a' }] }),
    ).toBe(hint)
  })

  it('suggests what was probably meant: commands and jobs', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    expect(await ada.say('/balanse')).toBe('There is no /balanse here. Did you mean /balance?')
    expect(await ada.say('/relase_notes x')).toBe('There is no /relase_notes here. Did you mean /release_notes?')
    expect(await ada.say('/run relese-notes x')).toContain('Did you mean release-notes?')
    expect(await ada.say('/xyzzy')).toBe('There is no /xyzzy here. /help lists what there is.')
    // A template is no command before somebody publishes a copy.
    expect(await ada.say('/campaign_brief')).toContain('There is no /campaign_brief here.')
  })

  it('shows the usage to who writes a command wrongly, alone', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    const { replies } = await ada.ask('/fund lots --frm x', { group: 'g' })
    expect(replies).toHaveLength(1)
    expect(replies[0]?.isPrivate).toBe(true)
    expect(inWords(replies)).toContain('There is no --frm here. Did you mean --from?')
    expect(inWords(replies)).toContain('Usage: /fund <amount>')
    expect(await ada.say('/cap me lots')).toContain('Usage: /cap <me, user or team> <amount or off>')
    expect(await ada.say('/setrole @bob')).toContain('<role> is missing.')
    expect(await ada.say('/balance --as nobody')).toContain('--as takes personal or team:<name>.')
  })

  it('keeps money and errors from the rest of a group', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada')
    await ada.say('/createteam Acme')
    await ada.say(`/release_notes ${COMMITS}`)
    const lines = [
      '/quote release_notes',
      '/balance',
      '/statement',
      '/usage',
      '/mycontext',
      '/teaminfo Acme',
      '/members Acme',
      '/console',
      '/whoami',
      '/invite x',
      '/runs',
      '/log',
      '/nonsense',
    ]
    for (const line of lines) {
      const { replies } = await ada.ask(line, { group: 'g' })
      for (const reply of replies) if (inWords([reply]) !== '') expect(reply.isPrivate, line).toBe(true)
    }
  })

  it('does not understand hostile words as anything else', async () => {
    chat = await createChat(dialect)
    const ada = await chat.known('ada', { admin: true })
    const nasty = [
      "'; drop table account; --",
      '../../etc/passwd',
      '__proto__',
      'constructor',
      '<!channel> <script>alert(1)</script>',
      `${'x'.repeat(5_000)}`,
      '\u0000\u202e\ud800',
      '{{ 7 | times: 7 }}',
      '%s%n$1',
      '-- --as team:x',
    ]
    for (const { name } of COMMANDS) {
      for (const words of nasty) {
        const { replies } = await ada.ask(`/${name} ${words}`)
        for (const { parts } of replies) expect(JSON.stringify(parts).length, `/${name} ${words}`).toBeLessThan(20_000)
      }
    }
    for (const words of nasty) await ada.ask(words, { group: 'g' })
    for (const words of nasty) await ada.ask(`/release_notes --title ${words}\n${words}`)
    expect(await ada.say('/whoami')).toContain('Handle: @ada')
    expect(chat.world.errors).toEqual([])
  })

  it('throws on what nobody can mend, for the inbox to report', async () => {
    chat = await createChat(dialect)
    await chat.known('ada')
    const broken = createHandle(
      { ...chat.core, db: { ...chat.core.db, write: () => Promise.reject(new Error('secret')) } } as never,
      new Map(),
    )
    const ada = chat.person('ada')
    await expect(broken(ada.incoming('/createteam x'), 'k')).rejects.toThrow()
  })

  describe('buttons', () => {
    const buttonOf = (message: Shown | undefined): Shown => {
      if (!message) throw new Error('Nothing was shown')
      return message
    }

    it('ask before a team is deleted, and act with the rights of who presses', async () => {
      chat = await createChat(dialect)
      const ada = await chat.known('ada')
      const bob = await chat.known('bob')
      await ada.say('/createteam Acme')
      await bob.say(`/join ${joinCode(await ada.say('/invite @bob'))}`)
      expect(await bob.say('/deleteteam Acme')).toContain('Only the owner of Acme may delete it.')
      const question = buttonOf((await ada.sayFully('/deleteteam Acme', { group: 'g' }))[0])
      expect(question.text).toContain('Delete Acme for good?')
      const [refused] = await bob.press(question, 'Delete Acme', { group: 'g' })
      expect(refused).toMatchObject({
        onlyFor: 'bob',
        text: 'Only the owner of Acme may delete it. You are a member there.',
      })
      const [strange] = await chat.person('eve').press(question, 'Delete Acme', { group: 'g' })
      expect(strange?.text).toContain(HOW_TO_GET_IN)
      const [done] = await ada.press(question, 'Delete Acme', { group: 'g' })
      expect(done?.text).toBe('Acme is deleted. What it did stays on record.')
    })

    it('say that they are stale, by whom and since when', async () => {
      chat = await createChat(dialect)
      const ada = await chat.known('ada')
      const bob = await chat.known('bob')
      const { db } = chat.core
      const button = { command: '/whoami', once: 1, created_at_ms: 0, used_by: null, used_at_ms: null }
      await db.write((tx) => query(tx, (q) => q.insertInto('button').values({ ...button, token: 'tok' })))
      const press = (who: typeof ada) => ({ ...who.incoming(''), button: { token: 'tok' } })

      const first = press(ada)
      const answers = [await chat.handle(first, 'k1'), await chat.handle(first, 'k1')]
      expect(answers.map(({ replies }) => inWords(replies))).toEqual(
        Array(2).fill(expect.stringContaining('Handle: @ada')),
      )
      const late = await chat.handle(press(bob), 'k2')
      expect(inWords(late.replies)).toMatch(/^@ada pressed this already, on \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/)
      expect(late.notice).toBeUndefined()
      const again = await chat.handle(press(ada), 'k3')
      expect(inWords(again.replies)).toMatch(/^You pressed this already/)
      // Said once: as a notice where the platform has notices.
      const withNotice = { ...ada.incoming(''), button: { token: 'never', answerRef: 'press-1' } }
      expect(await chat.handle(withNotice, 'k4')).toEqual({ replies: [], notice: 'This button is too old.' })
    })

    it('a reply to a card means its run', async () => {
      chat = await createChat(dialect)
      const ada = await chat.known('ada')
      await ada.say(`/release_notes ${COMMITS}`)
      const card = await eventually(() => {
        const found = chat.shown.find(({ text }) => text.includes('✓ Release notes'))
        if (!found) throw new Error('No card yet')
        return found
      })
      await ada.say('/json_report {"a": 1} --expression a')
      const answer = await ada.say('/status', { replyTo: { messageRef: card.messageRef, text: card.text } })
      expect(answer).toContain('✓ Release notes')
    })
  })
})
