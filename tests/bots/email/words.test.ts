import { afterEach, describe, expect, it } from 'vitest'
import type { Models } from '#core/models/model.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { createMailScene, type MailScene } from './scene.ts'

/** What the model takes the next words for. */
let line = ''

const models: Models = {
  async ask() {
    return {
      text: JSON.stringify({ line }),
      value: { line },
      toolCalls: [],
      usage: { inputTokens: 900, outputTokens: 30, cachedInputTokens: 0, isEstimated: false },
      finish: 'stop',
      isMock: false,
    }
  },
}

describe.each(DIALECTS)('plain words by mail, on %s', { timeout: 60_000 }, (dialect) => {
  let scene: MailScene
  let ann: Awaited<ReturnType<MailScene['person']>>
  const begin = async (options = {}) => {
    scene = await createMailScene(dialect, options)
    ann = await scene.person('ann', { admin: true })
  }
  afterEach(async () => {
    expect(scene.world.errors).toEqual([])
    await scene.end()
  })

  it('a sentence is answered by the command it means, which a yes has done, once', async () => {
    await begin()
    await ann.write({ subject: 'A question', text: 'Hello,\n\nwhat is my balance?\n\nAnn' })
    const proposed = await ann.gets(/I understood:/)
    expect(proposed.text).toContain('/balance')
    expect(proposed.text).toMatch(/^ {4}yes \(Run it\)$/m)
    expect(await ann.got()).toHaveLength(1)
    await ann.answer(proposed, 'Yes.')
    const done = await ann.gets(/^Balance|Balance:|Available/m, 1)
    expect(done.references).toContain(proposed.messageId)
    await ann.answer(proposed, 'yes')
    await ann.gets(/You said yes to this already/)
  })

  it.each([
    ['balance', 'Thank you!\n\nAnn', /Available/],
    ['/balance', 'Ann Example\nTel: +49 30 1234\nMail: ann@example.test', /Available/],
    ['', 'balance\n\nMany thanks and greetings', /Available/],
    ['createteam Acme', 'Best\nAnn', /Acme is there/],
    // What is missing is no greeting, and what is wrong in the command itself stays wrong.
    ['/grant ann', 'Thanks, Ann', /amount/],
    ['/balance --month 13', 'Thanks, Ann', /month/],
  ])('a greeting below the command %j is no part of it', async (subject, text, says) => {
    await begin()
    await ann.write({ subject, text })
    expect((await ann.gets(says)).text).not.toMatch(/Thank|Tel|Best|single line/)
  })

  it.each([
    [{ subject: 'Re: createteam Evil', text: 'What do you mean?' }],
    [{ subject: 'Fwd: /createteam Evil', text: '' }],
    [{ subject: 'createteam Evil', text: 'What do you mean?', references: ['<theirs@other.test>'] }],
  ])('the subject of what somebody else has begun is no command: %j', async (mail) => {
    await begin()
    await ann.write(mail)
    await ann.gets(/did not understand/)
    expect(await scene.events('team.created')).toEqual([])
    // Their own words in it are.
    await ann.write({ ...mail, text: 'balance' })
    await ann.gets(/Available/)
  })

  it('what moves money asks once more, and a no ends it', async () => {
    await begin()
    await ann.write({ subject: 'approve' })
    const proposed = await ann.gets(/I understood:/)
    await ann.answer(proposed, 'yes')
    const asked = await ann.gets(/Really\?/)
    await ann.answer(asked, 'no')
    await ann.gets(/Nothing was done/)
  })

  it('a model is asked where there is one, and no mail says that it is', async () => {
    line = '/whoami'
    await begin({ models, settings: { isMockAskedForWords: true } })
    await ann.write({ subject: 'Tell me', text: 'which of the many people here I happen to be' })
    const proposed = await ann.gets(/I understood:/)
    expect(proposed.text).toContain('/whoami')
    expect(await ann.got()).toHaveLength(1)
    await ann.answer(proposed, 'yes')
    await ann.gets(/Handle: @ann/)
  })

  it('somebody else’s yes is not theirs', async () => {
    await begin()
    const bob = await scene.person('bob')
    await ann.write({ subject: 'What is my balance?' })
    const proposed = await ann.gets(/I understood:/)
    await bob.answer(proposed, 'yes')
    await bob.gets(/wrote to somebody else/)
    expect(await ann.got()).toHaveLength(1)
  })

  it('a yes to nothing is only a word', async () => {
    await begin()
    await ann.write({ subject: 'yes' })
    await ann.gets(/did not understand/)
    await ann.write({ subject: 'Run the thing that I mean, please' })
    expect((await ann.gets(/did not understand/, 1)).text).not.toContain('no job')
  })
})
