import { afterEach, describe, expect, it } from 'vitest'
import type { Dialect } from '#db/db.ts'
import type { ChatWorld } from '#tests/support/chat-world.ts'
import { longText, TestCommands } from './test-commands.ts'

/** A message of the bot, as a reader has it before them now. */
export interface Shown {
  id: string
  /** What is read, without characters that nobody sees. */
  text: string
  buttons: string[]
  files: { name: string; bytes: Uint8Array }[]
  /** How often it was changed in place. */
  edits: number
  /** Who would be called by it: names, channels, everybody. */
  calls: string[]
  /** Where links lead whose words say something else. */
  links: string[]
}

export interface Saying {
  /** A person's name: their own chat with the bot; `group`: the one where all of them are. Ann's own when not given. */
  in?: string
  /** Who says it; whose chat it is, or Ann in the group. */
  from?: string
  file?: { name: string; mediaType: string; bytes: Uint8Array }
  replyTo?: Shown
}

/** One platform as the suite holds it. People are made when they are first named. */
export interface Harness {
  world: ChatWorld
  say(text: string, how?: Saying): Promise<void>
  /** Presses a button, and gives what the presser was told. */
  press(message: Shown, label: string, how?: Pick<Saying, 'in' | 'from'>): Promise<string>
  /** The messages of the bot, oldest first. */
  shown(where?: string): Promise<Shown[]>
  /** Delivers again what was said so far, newest first. */
  redeliver(times: number): Promise<void>
  /** What the platform itself found wrong with our calls. */
  complaints(): string[]
  end(): Promise<void>
  /** Posts an update that nobody signed, and gives the status of the answer. */
  postUnsigned?(text: string): Promise<number>
  /** The next message to any conversation is refused with the wish to wait that long. */
  limitNext?(retryAfterS: number): void
  /** The next message goes out, and the connection breaks before the answer. */
  breakNext?(): void
  /** Sets the clock forward. */
  advance?(ms: number): void
  /** A person who can be met in the group and has never written to the bot. */
  stranger?: string
}

export interface Abilities {
  groups: boolean
  /** Files in and out. */
  files: boolean
  signed: boolean
  /** Faults can be asked for. */
  faults: boolean
  /** False where a message stays as it was sent. */
  edits?: false
  /** False where nobody is told anything beside the messages. */
  toasts?: false
  dialect?: Dialect
}

export type MakeHarness = (commands: TestCommands, dialect: Dialect) => Promise<Harness>

const HOSTILE = [
  '<!channel> <!here> <@U123> <https://evil.example|https://bank.example>',
  '@here @everyone @channel @ann_muster',
  '<b>bold</b> <script>alert(1)</script> &lt;i&gt; &amp; <a href="https://evil.example">x</a>',
  '*a _b* c_ `d [e](javascript:alert(1)) ||f|| __g__ ~h~ \\ > # + - = | { } . !',
  'שלום עולם مرحبا \u202eevil\u202c end',
  'nul\u0000 bell\u0007 lone \ud83d surrogate \udc00 end',
  'zalgo z̶̧̢̛̛͎̱a̵l̷g̸o 👩‍👩‍👧‍👦 𝒳',
]

/** Of each of fifty people. */
const MESSAGES_EACH = process.env.LONG_PROOFS === '1' ? 20 : 8

/** What every channel must do. Runs against the real core, with the platform's own server or one as strict. */
export function describeChannel(name: string, abilities: Abilities, make: MakeHarness): void {
  describe(name, () => {
    let harness: Harness
    let commands: TestCommands

    afterEach(async () => {
      const complaints = harness.complaints()
      const errors = [...harness.world.errors]
      await harness.end()
      expect(complaints).toEqual([])
      expect(errors).toEqual([])
    })

    async function start(): Promise<void> {
      commands = new TestCommands()
      harness = await make(commands, abilities.dialect ?? 'sqlite')
    }

    async function waitFor(match: (message: Shown) => boolean, where?: string, timeoutMs = 10_000): Promise<Shown> {
      const untilMs = performance.now() + timeoutMs
      for (;;) {
        const shown = await harness.shown(where)
        const found = shown.find(match)
        if (found) return found
        if (performance.now() > untilMs)
          throw new Error(`Not shown; there is ${JSON.stringify(shown.map(({ text }) => text))}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const waitForText = (text: string, where?: string): Promise<Shown> =>
      waitFor((message) => message.text.includes(text), where)

    it('answers a command', async () => {
      await start()
      await harness.say('/echo hello')
      expect((await waitForText('hello')).text).toBe('hello')
      await harness.say('just words')
      await waitForText('You said: just words')
    })

    it('runs what is delivered again once, in whatever order it comes', async () => {
      await start()
      for (const word of ['one', 'two', 'three']) {
        await harness.say(`/echo ${word}`)
        await waitForText(word)
      }
      await harness.redeliver(4)
      await harness.say('/echo last')
      await waitForText('last')
      expect(commands.ran.map((line) => line.split(' ').at(-1))).toEqual(['one', 'two', 'three', 'last'])
      expect((await harness.shown()).map(({ text }) => text)).toEqual(['one', 'two', 'three', 'last'])
    })

    it('keeps the order of each conversation, with fifty at once', { timeout: 180_000 }, async () => {
      await start()
      const people = Array.from({ length: 50 }, (_, index) => `Person${index}`)
      const numbers = Array.from({ length: MESSAGES_EACH }, (_, index) => String(index))
      for (const number of numbers) for (const person of people) await harness.say(`/echo ${number}`, { in: person })
      for (const person of people) {
        await waitFor(({ text }) => text === numbers.at(-1), person, 150_000)
        expect((await harness.shown(person)).map(({ text }) => text)).toEqual(numbers)
      }
      expect(commands.ran).toHaveLength(people.length * numbers.length)
    })

    it('shows hostile text as text', async () => {
      await start()
      const where = abilities.groups ? 'group' : 'Ann'
      const parts = HOSTILE.flatMap((text) => [
        { type: 'text', text },
        { type: 'markdown', text },
        { type: 'fields', fields: [{ label: text, value: text }] },
        { type: 'table', columns: [text, 'b'], rows: [[text, text]] },
        { type: 'list', items: [text] },
      ])
      for (const [index, part] of parts.entries()) {
        await commandsReply(part, index, where)
      }
      const all = (await harness.shown(where)).map(({ text }) => text).join('\n')
      for (const words of ['<!channel>', '<!here>', '@here', '@ann_muster', '<b>', '<script>', '&lt;i&gt;', 'שלום']) {
        expect(all).toContain(words)
      }
      expect(all).toContain('surrogate')
    })

    /** Has the bot say one part, and looks at what came of it. */
    async function commandsReply(part: object, index: number, where: string): Promise<void> {
      const mark = `part ${index} ends`
      await harness.world.receive({
        channel: harness.world.sender.name,
        deliveryId: `hostile-${index}`,
        conversation: await conversationOf(where),
        isPrivate: where !== 'group',
        sender: { externalId: '1', name: 'Test' },
        text: `/show ${JSON.stringify([part, { type: 'text', text: mark }])}`,
        isAddressed: true,
        files: [],
        atMs: 0,
      })
      const message = await waitForText(mark, where)
      expect(message.calls, JSON.stringify(part)).toEqual([])
      expect(message.links, JSON.stringify(part)).toEqual([])
    }

    /** A conversation as the core knows it: where the last command in that place came from. */
    async function conversationOf(where: string): Promise<string> {
      if (commands.ran.length === 0) {
        await harness.say('/echo first', { in: where })
        await waitForText('first', where)
      }
      return commands.ran[0]?.split(' ')[0] ?? ''
    }

    it('splits long text and loses nothing of it', async () => {
      await start()
      await harness.say('/long 10000')
      const words = longText(10_000).split(/\s+/)
      const last = words.at(-1) ?? ''
      await waitForText(last)
      const shown = (await harness.shown()).map(({ text }) => text)
      expect(shown.join('\n').split(/\s+/)).toEqual(words)
    })

    it('carries buttons, and a press takes the same road as typing', async () => {
      await start()
      await harness.say('/ask')
      const asked = await waitFor(({ buttons }) => buttons.length > 0)
      expect(asked.buttons).toEqual(['Yes', 'No'])
      const told = await harness.press(asked, 'Yes')
      if (abilities.toasts !== false) expect(told).toContain('Done: /echo pressed yes')
      await waitForText('pressed yes')
    })

    it.runIf(abilities.edits !== false)('edits a card in place, no oftener than its pace', async () => {
      await start()
      await harness.say('/card first')
      const card = await waitForText('first')
      for (const words of ['second', 'third', 'done']) await harness.say(`/card ${words}`)
      await waitFor(({ id, text }) => id === card.id && text.includes('done'), undefined, 15_000)
      const shown = await harness.shown()
      expect(shown).toHaveLength(1)
      expect(shown[0]?.edits).toBeLessThanOrEqual(3)
    })

    it('knows which message is answered', async () => {
      await start()
      await harness.say('/echo the first question')
      const question = await waitForText('the first question')
      await harness.say('/original', { replyTo: question })
      await waitForText('You answered: the first question')
    })

    describe.runIf(abilities.files)('files', () => {
      it('go both ways', async () => {
        await start()
        await harness.say('/file # Notes\n\nÄ')
        const sent = await waitFor(({ files }) => files.length > 0)
        expect(sent.files[0]?.name).toBe('notes.md')
        expect(Buffer.from(sent.files[0]?.bytes ?? []).toString()).toBe('# Notes\n\nÄ')
        const bytes = Buffer.from('a1b2c3d fix: one\n')
        await harness.say('/read', { file: { name: 'log.txt', mediaType: 'text/plain', bytes } })
        await waitForText(`log.txt (${bytes.length}): a1b2c3d fix: one`)
      })
    })

    describe.runIf(abilities.signed)('what is not signed', () => {
      it('is refused and changes nothing', async () => {
        await start()
        expect(await harness.postUnsigned?.('/echo forged')).toBe(401)
        await harness.say('/echo honest')
        await waitForText('honest')
        expect(commands.ran.join()).not.toContain('forged')
      })
    })

    describe.runIf(abilities.faults)('a platform in trouble', () => {
      it('is given the time it asks for, and order is kept', async () => {
        await start()
        harness.limitNext?.(2)
        const startedMs = performance.now()
        for (const word of ['one', 'two', 'three']) await harness.say(`/echo ${word}`)
        await waitForText('three')
        expect(performance.now() - startedMs).toBeGreaterThanOrEqual(2_000)
        expect((await harness.shown()).map(({ text }) => text)).toEqual(['one', 'two', 'three'])
      })

      // On Postgres the queue goes by the server's clock, which nobody sets forward.
      it.skipIf(abilities.dialect === 'postgres')(
        'gets what may have been lost once more, marked as such',
        async () => {
          await start()
          harness.breakNext?.()
          await harness.say('/echo unsure')
          await waitForText('unsure')
          // What is unclear waits half a minute.
          await new Promise((resolve) => setTimeout(resolve, 300))
          harness.advance?.(31_000)
          await waitFor(({ text }) => text.includes('may be a duplicate') && text.includes('unsure'))
          await harness.say('/echo after')
          await waitForText('after')
          expect(commands.ran).toHaveLength(2)
        },
      )
    })

    describe.runIf(abilities.groups)('in a group', () => {
      it('hears what is meant for it and nothing else', async () => {
        await start()
        await harness.say('good morning all', { in: 'group', from: 'Bob' })
        await harness.say('/echo heard', { in: 'group', from: 'Bob' })
        await waitForText('heard', 'group')
        expect(commands.ran).toHaveLength(1)
      })

      it('tells the person alone what is private', async () => {
        await start()
        await harness.say('/secret 42 dollars', { in: 'group', from: 'Ann' })
        await waitForText('in private', 'group')
        await waitForText('For you alone: 42 dollars', 'Ann')
        expect((await harness.shown('group')).map(({ text }) => text).join()).not.toContain('42 dollars')
        expect(await harness.shown('Bob')).toEqual([])
      })

      it('says nothing private in public when the person cannot be reached', async () => {
        await start()
        if (!harness.stranger) return
        await harness.say('/secret 42 dollars', { in: 'group', from: harness.stranger })
        await waitForText('in private', 'group')
        expect((await harness.shown('group')).map(({ text }) => text).join()).not.toContain('42 dollars')
      })
    })
  })
}
