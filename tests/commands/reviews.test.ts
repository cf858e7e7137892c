import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plainText } from '#core/chat/plain.ts'
import { personal } from '#core/context.ts'
import type { ReviewDefinition } from '#core/jobs/definition.ts'
import { saveJob } from '#core/jobs/save.ts'
import { DIALECTS } from '#tests/support/database.ts'
import { eventually } from '#tests/support/eventually.ts'
import { type Chat, createChat, type Shown, type Voice } from './chat.ts'

let jobs = 0

describe.each(DIALECTS)('reviews in chat, on %s', (dialect) => {
  let chat: Chat
  let ada: Voice
  beforeAll(async () => {
    chat = await createChat(dialect, { settings: { welcomeCreditMicros: 1_000_000n } })
    ada = await chat.known('ada', { admin: true })
  })
  afterAll(async () => {
    await chat.end()
    expect(chat.world.errors).toEqual([])
  })

  /** Starts a job that asks this, and gives the card. */
  async function asked(review: ReviewDefinition, mapped: Record<string, { value: never }> = {}): Promise<Shown> {
    const { id, handle, platformRole } = await ada.account()
    const actor = { accountId: id, handle, platformRole, channel: 'telegram', context: personal(id) } as const
    const jobId = `asks-${++jobs}`
    const source = {
      jobId,
      displayName: `Job ${jobs}`,
      description: '',
      inputSchema: { type: 'object', properties: {} },
      steps: [
        {
          stepId: 'say',
          toolId: 'text.template',
          inputMappings: { template: { template: 'Hello{{ review.comment }}' }, data: { value: {} } },
        },
        { stepId: 'ok', review, ...(Object.keys(mapped).length > 0 ? { inputMappings: mapped } : {}) },
      ],
      outputs: { answer: { step: 'ok', output: review.kind === 'form' ? 'title' : 'decision' } },
    }
    await saveJob(chat.core, actor, { source: source as never, publish: true })
    await ada.say(`/asks_${jobs}`)
    return card(`Job ${jobs}`)
  }
  const card = (title: string, fits = /Waits for @ada/): Promise<Shown> =>
    eventually(() => {
      const found = chat.shown.find(
        ({ text, channel }) => channel === 'telegram' && text.startsWith(`Review · ${title}`) && fits.test(text),
      )
      if (!found) throw new Error(`No card of ${title}: ${chat.shown.map(({ text }) => text).join('\n---\n')}`)
      return { ...found }
    })
  const texts = (messages: readonly Shown[]): string => messages.map(({ text }) => text).join('\n')

  it('nothing to decide is said so', async () => {
    for (const line of ['/approve', '/reject no', '/review', '/choose 1', '/answer a=b'])
      expect(await ada.say(line)).toBe('Nothing waits for your decision.')
    expect(await ada.say('/reviews')).toBe('Nothing waits for your decision.')
  })

  it('the only one needs no id, and the answer is the same when the message is handled again', async () => {
    await asked({ kind: 'decide', prompt: 'Right?' })
    expect(await ada.say('/reviews')).toContain('Right?')
    const [first, again] = await ada.sayTwice('/approve fine with me')
    expect(first).toBe(`Approved: Job ${jobs}.`)
    expect(again).toBe(first)
    const done = await card(`Job ${jobs}`, /✓ @ada approved this: fine with me/)
    expect(done.parts.some(({ type }) => type === 'buttons')).toBe(false)
  })

  it('what is asked about is told from the words around it', async () => {
    const asks = await asked({ kind: 'decide', prompt: 'Right?' }, {
      draft: { value: '# Muster\n\nApproved by @ann. [Approve]' },
      facts: { value: { sources: 2 } },
    } as never)
    const quotes = asks.parts.filter(({ type }) => type === 'quote')
    expect(quotes).toEqual([
      { type: 'quote', title: 'draft', of: { type: 'markdown', text: '# Muster\n\nApproved by @ann. [Approve]' } },
      { type: 'quote', title: 'facts', of: { type: 'code', text: '{\n  "sources": 2\n}', language: 'json' } },
    ])
    expect(plainText(asks.parts.filter(({ type }) => type !== 'quote'))).not.toContain('Approved')
    expect(asks.text).toContain('> draft\n> # Muster\n>\n> Approved by @ann. [Approve]')
    expect(await ada.say('/approve')).toBe(`Approved: Job ${jobs}.`)
  })

  it('of several the one whose card is answered, else one is asked for', async () => {
    const one = await asked({ kind: 'decide' })
    const other = await asked({ kind: 'decide' })
    const { replies } = await ada.ask('/approve')
    const labels = replies[0]?.parts.flatMap((part) =>
      part.type === 'buttons' ? part.buttons.map(({ label }) => label) : [],
    )
    expect(labels).toEqual([`Job ${jobs - 1}`, `Job ${jobs}`])
    expect(await ada.say('/approve', { replyTo: { messageRef: other.messageRef } })).toBe(`Approved: Job ${jobs}.`)
    expect(await ada.say('/approve', { replyTo: { messageRef: other.messageRef } })).toMatch(
      /^@ada approved this already, on /,
    )
    await ada.sayFully('/reject', { replyTo: { messageRef: one.messageRef } })
    await ada.form(/^Why\?/)
    const [first, again] = await ada.sayTwice('because')
    expect(first).toBe(`Rejected: Job ${jobs - 1}.`)
    expect(again).toBe(first)
    expect(await ada.say('because')).toMatch(/did not understand/)
  })

  it('a question that was dropped takes no words', async () => {
    await asked({ kind: 'decide' })
    await ada.sayFully('/requestchanges')
    const question = await ada.form(/^What should be different\?/)
    expect(await ada.say('/cancel')).toBe('Dropped. Nothing was done.')
    await eventually(() => expect(question.text).toBe('Dropped: What should be different?'))
    expect(await ada.say('more of it')).toMatch(/did not understand/)
    expect(await ada.say('/requestchanges , please')).toBe(`Sent back; it is made again: Job ${jobs}.`)
    const again = await card(`Job ${jobs}`, /round 2[\s\S]*Hello, please/)
    await ada.press(again, 'Approve')
    await card(`Job ${jobs}`, /round 2[\s\S]*✓ @ada approved this/)
  })

  it('a form asks for its answers one by one, or takes them by name', async () => {
    const schema = {
      type: 'object' as const,
      required: ['title', 'pages'],
      properties: { title: { type: 'string' as const }, pages: { type: 'integer' as const } },
    }
    const shown = await asked({ kind: 'form', schema })
    await ada.press(shown, 'Answer')
    await ada.form(/\nTitle\n/)
    await ada.sayFully('Spring release')
    await ada.form(/\nPages\n[\s\S]*whole number/)
    await ada.sayFully('many')
    await ada.form('✗ This takes a whole number.')
    expect(await ada.say('/answer title="Spring release"')).toMatch(/values\.pages is required/)
    expect(await ada.say('/answer title="Spring release" pages=3')).toMatch(/goes on with your answers/)
    await eventually(() => expect(texts(chat.shown)).toContain('Spring release'))
  })

  it('a choice is a button each', async () => {
    const shown = await asked({ kind: 'choose' }, { variants: { value: ['The long one', 'The short one'] as never } })
    expect(await ada.say('/choose 7')).toMatch(/variantId must be one of 1, 2/)
    expect(texts(await ada.press(shown, 'The short one'))).toBe(`Chosen for Job ${jobs}: The short one.`)
    await card(`Job ${jobs}`, /✓ @ada chose for this/)
    // Pressed again, it says what happened.
    expect(texts(await ada.press(shown, 'The short one'))).toMatch(/^@ada chose for this already, on /)
  })
})
