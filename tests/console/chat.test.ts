import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Part, ProgressStatus } from '#core/chat/message.ts'
import { launchBrowser, openPage, type WatchedPage } from './browser.ts'
import { buildConsole } from './build.ts'
import { contrastProblems } from './contrast.ts'
import { FakeApi } from './fake-api.ts'

const skip = process.env.MUSTER_SKIP_BROWSER === '1'

const card = (status: ProgressStatus, first: ProgressStatus, second: ProgressStatus): Part => ({
  type: 'progress',
  title: 'Brief: battery storage',
  status,
  steps: [
    { label: 'Collect sources', status: first },
    { label: 'Write the draft', status: second },
  ],
})
const words = (text: string): Part => ({ type: 'text', text })

const inChat = (page: Page, text: string): Locator => page.getByTestId('messages').getByText(text)

describe.skipIf(skip)('console in a real browser', () => {
  let browser: Browser
  let api: FakeApi
  let opened: WatchedPage[]

  beforeAll(async () => {
    browser = await launchBrowser()
    buildConsole()
  }, 120_000)
  afterAll(() => browser?.close())

  beforeEach(async () => {
    api = new FakeApi()
    opened = []
    await api.start()
  })
  afterEach(async () => {
    const complaints = opened.flatMap((one) => one.complaints)
    for (const { page } of opened) await page.context().close()
    await api.stop()
    // No test may break the content security policy, whatever else it is about.
    expect(complaints.filter((text) => /CSP|Content Security Policy|Error:/.test(text))).toEqual([])
  })

  async function open(path = '/', options: Parameters<typeof openPage>[1] = {}): Promise<Page> {
    const watched = await openPage(browser, { reducedMotion: 'reduce', ...options })
    opened.push(watched)
    await watched.page.goto(api.url + path)
    return watched.page
  }
  const openChat = async (options: Parameters<typeof openPage>[1] = {}): Promise<Page> => {
    const page = await open('/', options)
    await page.getByTestId('composer').waitFor()
    await expect.poll(() => api.streamCount).toBe(1)
    return page
  }
  const say = async (page: Page, text: string): Promise<void> => {
    await page.getByTestId('composer').fill(text)
    await page.keyboard.press('Enter')
  }

  describe('getting in', () => {
    it('claims with a suggested handle and goes to the chat', async () => {
      api.signedIn = false
      const page = await open('/claim?code=first')
      expect(await page.getByTestId('handle').inputValue()).toMatch(/^[a-z0-9_-]{2,32}$/)
      await page.getByTestId('display-name').fill('Zoë Ångström')
      expect(await page.getByTestId('handle').inputValue()).toBe('zoe-angstrom')
      await page.getByTestId('claim-submit').click()
      await page.getByTestId('chat').waitFor()
      expect(api.posted[0]).toMatchObject({
        path: '/v1/auth/claim',
        body: { code: 'first', handle: 'zoe-angstrom', displayName: 'Zoë Ångström' },
      })
      expect(page.url()).not.toContain('first')
    })

    it('says what to do when the code is used or the handle taken', async () => {
      api.signedIn = false
      const page = await open('/claim?code=first')
      await page.getByTestId('display-name').fill('Ada')
      await page.getByTestId('handle').fill('x')
      await page.getByTestId('claim-submit').click()
      await page.getByText('Use 2 to 32 of').waitFor()
      await page.getByTestId('handle').fill('taken')
      await page.getByTestId('claim-submit').click()
      await page.getByText('Somebody has this handle already.').waitFor()
      await page.goto(`${api.url}/claim?code=gone`)
      await page.getByTestId('display-name').fill('Ada')
      await page.getByTestId('claim-submit').click()
      await page.getByTestId('claim-refused').waitFor()
      expect(await page.getByTestId('problem').innerText()).toBe('This code was used already or has expired.')
      await page.getByText('Restart Muster').waitFor()
    })

    it('signs in by the button, never by opening the link', async () => {
      api.signedIn = false
      const page = await open('/login?code=once')
      await page.getByTestId('sign-in').waitFor()
      await page.waitForTimeout(300)
      expect(api.posted).toEqual([])
      await page.getByTestId('sign-in').click()
      await page.getByTestId('chat').waitFor()
      expect(api.posted).toMatchObject([{ path: '/v1/auth/link', body: { code: 'once' } }])
    })

    it('leads a signed-out guest to sign in and back to the invitation', async () => {
      api.signedIn = false
      const page = await open('/join/inv1')
      await page.getByText('Join Night Desk').waitFor()
      await page.getByTestId('join-sign-in').click()
      await page.getByTestId('code').fill(`${api.url}/login?code=pasted`)
      await page.getByTestId('code-continue').click()
      await page.getByTestId('sign-in').click()
      await page.getByTestId('accept').click()
      await page.getByTestId('chat').waitFor()
      expect(api.posted.map((one) => one.path)).toEqual(['/v1/auth/link', '/v1/teams/invitations/inv1/accept'])
    })

    it('makes an account of a newcomer who has an invitation', async () => {
      api.signedIn = false
      const page = await open('/join/inv1')
      await page.getByTestId('join-new').getByText('Grace Hopper invites you as a member.').waitFor()
      await page.getByTestId('display-name').fill('Katherine')
      await page.getByTestId('claim-submit').click()
      await page.getByTestId('chat').waitFor()
      const body = { code: 'inv1', handle: 'katherine', displayName: 'Katherine' }
      expect(api.posted).toMatchObject([{ path: '/v1/auth/join', body }])
    })

    it('declines, and explains an invitation that is gone', async () => {
      const page = await open('/join/inv1')
      await page.getByTestId('decline').click()
      await page.getByTestId('join-declined').waitFor()
      await page.goto(`${api.url}/join/gone`)
      await page.getByTestId('join-refused').waitFor()
    })

    it('signs out and forgets the draft', async () => {
      const page = await openChat()
      await page.getByTestId('composer').fill('a secret draft')
      await page.getByTestId('user-menu').click()
      await page.getByTestId('sign-out').click()
      await page.getByTestId('login').waitFor()
      expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('secret')
      await page.goto(`${api.url}/chat`)
      await page.getByTestId('login').waitFor()
    })
  })

  describe('talking', () => {
    it('sends with Enter, breaks the line with Shift+Enter, shows the answer once', async () => {
      const page = await openChat()
      await page.getByTestId('composer').pressSequentially('one')
      await page.keyboard.press('Shift+Enter')
      await page.getByTestId('composer').pressSequentially('two')
      await page.keyboard.press('Enter')
      await inChat(page, 'You said: one two').waitFor()
      expect(api.posted[0]?.body).toEqual({ text: 'one\ntwo' })
      expect(await page.getByTestId('message-user').count()).toBe(1)
      expect(await page.getByTestId('message-bot').count()).toBe(1)
      await expect.poll(() => page.getByTestId('message-unsent').count()).toBe(0)
      expect(await page.getByTestId('composer').inputValue()).toBe('')
    })

    it('shows what the bot says later, and edits a card in place', async () => {
      const page = await openChat()
      const said = api.say(card('running', 'running', 'pending'))
      await page.getByTestId('run-status').filter({ hasText: 'Running' }).waitFor()
      api.say(words('Something else'))
      await inChat(page, 'Something else').waitFor()
      const before = await page.getByTestId('run-card').boundingBox()
      api.edit(said.id, [card('failed', 'done', 'failed')])
      await page.getByTestId('run-status').filter({ hasText: 'Failed' }).waitFor()
      expect(await page.getByTestId('run-card').boundingBox()).toEqual(before)
      expect(await page.getByTestId('message-bot').count()).toBe(2)
    })

    it('presses a button once and waits with the whole row', async () => {
      const page = await openChat()
      const said = api.say({
        type: 'buttons',
        buttons: [
          { label: 'Approve', token: 'tok_yes', style: 'primary' },
          { label: 'Reject', token: 'tok_no', style: 'danger' },
          { label: 'Open', url: 'https://example.org/run' },
        ],
      })
      api.delayMs = 400
      api.reply = (_, button) => {
        api.edit(said.id, [words('Approved by Ada')])
        return [[words(`pressed ${button}`)]]
      }
      const approve = page.getByRole('button', { name: 'Approve' })
      await approve.focus()
      await page.keyboard.press('Enter')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Reject' }).click({ force: true })
      expect(await approve.getAttribute('aria-disabled')).toBe('true')
      await inChat(page, 'pressed tok_yes').waitFor()
      expect(api.posted).toMatchObject([{ body: { text: 'Approve', button: 'tok_yes' } }])
      expect(await inChat(page, 'Approved by Ada').count()).toBe(1)
      // The buttons are gone; the keyboard's place is not.
      expect(await page.evaluate('document.activeElement.dataset.message')).toBe(said.id)
    })

    it('asks before a button that ends something, in its place and by keyboard', async () => {
      const page = await openChat()
      const confirm = { title: 'Stop this run?', text: 'What was done is paid.', yes: 'Yes, stop it', no: 'No' }
      api.say({
        type: 'buttons',
        buttons: [
          { label: 'Stop', token: 'tok_stop', style: 'danger', confirm },
          { label: 'Show', token: 'tok_show' },
        ],
      })
      const stop = page.getByRole('button', { name: 'Stop', exact: true })
      const question = page.getByRole('group', { name: 'Stop this run?' })
      const focused = (): Promise<unknown> => page.evaluate('document.activeElement.textContent')
      await stop.focus()
      await page.keyboard.press('Enter')
      await question.getByText('What was done is paid.').waitFor()
      expect(await stop.count()).toBe(0)
      expect(await focused()).toBe('No')
      expect(await contrastProblems(page)).toEqual([])
      await page.keyboard.press('Escape')
      await question.waitFor({ state: 'detached' })
      expect(await focused()).toBe('Stop')
      await page.keyboard.press('Enter')
      await page.keyboard.press('Enter')
      await question.waitFor({ state: 'detached' })
      // A double click opens the question and presses nothing in it.
      await stop.dblclick()
      await question.waitFor()
      expect(api.posted).toEqual([])
      await question.getByRole('button', { name: 'Yes, stop it' }).click()
      await inChat(page, 'You said: Stop').waitFor()
      expect(api.posted).toMatchObject([{ body: { text: 'Stop', button: 'tok_stop' } }])
      expect(await focused()).toBe('Stop')
      expect(await question.count()).toBe(0)
      await page.getByRole('button', { name: 'Show' }).click()
      await expect.poll(() => api.posted.length).toBe(2)
    })

    it("shows the bot's moments in the reader's zone, and leaves what people wrote as they wrote it", async () => {
      const page = await openChat()
      const at = '27 Nov 2026, 12:55 UTC'
      api.say(
        words(`It is kept until ${at} and begins by itself.`),
        { type: 'list', items: [`Due 2026-07-01 08:00 UTC`] },
        { type: 'fields', fields: [{ label: 'Ends', value: at }] },
        { type: 'table', columns: ['When'], rows: [[at]] },
        { ...card('waiting', 'done', 'waiting'), steps: [{ label: 'Wait', status: 'waiting', note: at }] } as Part,
        { type: 'markdown', text: `Written by a tool: ${at}` },
      )
      api.reply = () => []
      await say(page, `Not mine: ${at}`)
      const message = page.getByTestId('message-bot')
      await message.getByText('It is kept until 27 Nov 2026, 13:55 and begins by itself.').waitFor()
      const times = message.getByTestId('parts').locator('time')
      expect(
        await times.evaluateAll((all) => all.map((one) => [one.getAttribute('datetime'), one.textContent])),
      ).toEqual([
        ['2026-11-27T12:55:00.000Z', '27 Nov 2026, 13:55'],
        ['2026-07-01T08:00:00.000Z', '1 Jul 2026, 10:00'],
        ...Array.from({ length: 3 }, () => ['2026-11-27T12:55:00.000Z', '27 Nov 2026, 13:55']),
      ])
      expect(await times.first().getAttribute('title')).toContain('Friday')
      await message.getByText(`Written by a tool: ${at}`).waitFor()
      await page.getByTestId('message-user').getByText(`Not mine: ${at}`).waitFor()
    })

    it('completes commands from the keyboard', async () => {
      const page = await openChat()
      const composer = page.getByTestId('composer')
      await composer.pressSequentially('/r')
      await page.getByTestId('suggestions').waitFor()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Tab')
      expect(await composer.inputValue()).toBe('/reviews ')
      await composer.fill('')
      await composer.pressSequentially('/ru')
      await page.keyboard.press('Tab')
      expect(await page.getByTestId('hint').innerText()).toContain('/run <job> [name=value …]')
      await composer.fill('/bal')
      await page.keyboard.press('Escape')
      expect(await page.getByTestId('suggestions').count()).toBe(0)
      await page.keyboard.press('Enter')
      await inChat(page, 'You said: /bal').waitFor()
    })

    it('keeps what failed, tries again under the same key, and survives a reload', async () => {
      const page = await openChat()
      api.nextPost = 'cut'
      await say(page, 'do not lose me')
      await page.getByTestId('retry').waitFor()
      await page.getByTestId('composer').fill('a draft too')
      await page.reload()
      await page.getByTestId('retry').waitFor()
      expect(await page.getByTestId('composer').inputValue()).toBe('a draft too')
      api.nextPost = undefined
      await page.getByTestId('retry').click()
      await inChat(page, 'You said: do not lose me').waitFor()
      // However often it went out (browsers repeat by themselves, too), it was one request to the server.
      const keys = api.posted.map((one) => one.key)
      expect(keys.length).toBeGreaterThan(1)
      expect(new Set(keys).size).toBe(1)
      await expect.poll(() => page.getByTestId('message-unsent').count()).toBe(0)
    })

    it('shows why the server refused, and the number of a fault', async () => {
      const page = await openChat()
      api.nextPost = { status: 429, body: { detail: 'Slow down: 20 messages a minute.', code: 'too_many_requests' } }
      await say(page, 'refused')
      await page.getByText('Slow down: 20 messages a minute.').waitFor()
      api.nextPost = { status: 500, body: { title: 'Internal', detail: 'stack trace', requestId: 'req_42' } }
      await say(page, 'broken')
      await page.getByText('req_42').waitFor()
      expect(await page.getByText('stack trace').count()).toBe(0)
    })

    it('loads older messages upward without moving what is read', async () => {
      for (let index = 0; index < 120; index += 1) api.add(index % 2 ? 'bot' : 'user', [words(`Line ${index}`)])
      const page = await openChat()
      await inChat(page, 'Line 119').waitFor()
      expect(await page.getByText('Line 60', { exact: true }).count()).toBe(0)
      const list = page.getByTestId('messages')
      const line = page.getByText('Line 70', { exact: true })
      await list.hover()
      await page.mouse.wheel(0, -100_000)
      await expect.poll(() => page.getByText('Line 69', { exact: true }).count()).toBe(1)
      expect(await line.isVisible()).toBe(true)
      await line.scrollIntoViewIfNeeded()
      const before = await line.boundingBox()
      api.say(words('News from below'))
      await page.getByTestId('to-end').filter({ hasText: '1 new message' }).waitFor()
      expect(await line.boundingBox()).toEqual(before)
      await page.getByTestId('to-end').click()
      await expect.poll(() => inChat(page, 'News from below').isVisible()).toBe(true)
    })

    it('misses nothing that is said between reading and listening', async () => {
      api.afterPage = () => void api.say(words('just then'))
      const page = await openChat()
      await inChat(page, 'just then').waitFor()
      expect(await page.getByTestId('message-bot').count()).toBe(1)
    })

    it('takes up the stream again and misses nothing', async () => {
      const page = await openChat()
      api.say(words('before the break'))
      await inChat(page, 'before the break').waitFor()
      api.cutStreams()
      api.say(words('during the break'))
      await expect.poll(() => api.streamCount, { timeout: 10_000 }).toBe(1)
      await inChat(page, 'during the break').waitFor()
      await expect.poll(() => page.getByTestId('connection').innerText()).toBe('')
    })
  })

  describe('files', () => {
    it('uploads, sends, previews and downloads', async () => {
      const page = await openChat()
      const buffer = Buffer.from('name,amount\nAda,12\n')
      await page.getByTestId('file-input').setInputFiles({ name: 'numbers.csv', mimeType: 'text/csv', buffer })
      await page.getByTestId('attachment').filter({ hasText: '19 B' }).waitFor()
      await say(page, 'see attached')
      await page.getByTestId('file').waitFor()
      expect(api.posted[0]?.body).toEqual({ text: 'see attached', files: ['art_1'] })
      expect(await page.getByTestId('attachment').count()).toBe(0)
      await page.getByTestId('preview').click()
      await page.getByTestId('preview-text').filter({ hasText: 'Ada,12' }).waitFor()
      const download = page.waitForEvent('download')
      await page.getByTestId('download').click()
      expect((await download).suggestedFilename()).toBe('numbers.csv')
    })

    it('says why a file was refused and lets it be removed', async () => {
      const page = await openChat()
      const file = { name: 'big.exe', mimeType: 'application/octet-stream', buffer: Buffer.alloc(2_048) }
      await page.getByTestId('file-input').setInputFiles(file)
      await page.getByText('This file is larger than 20 MB.').waitFor()
      await say(page, 'text')
      expect(api.posted).toEqual([])
      await page.getByTestId('attachment-remove').click()
      await page.getByTestId('send').click()
      await inChat(page, 'You said: text').waitFor()
    })

    it('takes files that are dropped and pasted', async () => {
      const page = await openChat()
      const give = (type: string): Promise<unknown> =>
        page.evaluate(`{
          const data = new DataTransfer()
          data.items.add(new File(['x'], '${type}.txt', { type: 'text/plain' }))
          const field = document.querySelector('#composer')
          const init = { bubbles: true, cancelable: true }
          const event = '${type}' === 'drop'
            ? new DragEvent('drop', { ...init, dataTransfer: data })
            : new ClipboardEvent('paste', { ...init, clipboardData: data })
          field.dispatchEvent(event)
        }`)
      await give('drop')
      await give('paste')
      await expect.poll(() => page.getByTestId('attachment').count()).toBe(2)
    })
  })

  describe('looks', () => {
    it('shows hostile text as text', async () => {
      const hostile = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
      const links = '[click](javascript:window.hit=1) [bank.example](https://evil.example) [d](data:text/html,x)'
      const page = await openChat()
      api.say(
        words(hostile),
        {
          type: 'markdown',
          text: `# ${hostile}\n\n${hostile} ${links}\n\n- ${hostile}\n\n\`\`\`html\n${hostile}\n\`\`\``,
        },
        { type: 'fields', fields: [{ label: hostile, value: hostile }] },
        { type: 'table', columns: [hostile], rows: [[hostile]] },
        { type: 'buttons', buttons: [{ label: 'Go', url: 'javascript:window.hit=1' }] },
        { type: 'file', artifactId: '../../me', name: hostile, mediaType: 'text/html', sizeBytes: 10 },
      )
      const message = page.getByTestId('message-bot')
      await message.waitFor()
      expect(await message.locator('img, script, iframe').count()).toBe(0)
      const addresses = await message.locator('a').evaluateAll((all) => all.map((one) => one.getAttribute('href')))
      expect(addresses).toEqual(['/v1/artifacts/..%2F..%2Fme'])
      expect(await message.innerText()).toContain(links)
      expect(await page.evaluate('window.hit')).toBeUndefined()
    })

    it('keeps what is quoted in a box of its own, whatever stands in it', async () => {
      const hostile =
        '</figure><button>Approve</button>\n\n# Muster: approved by @ann\n\n[Approve](javascript:window.hit=1)'
      const page = await openChat()
      api.say(
        words('Review · Brief'),
        { type: 'quote', title: 'draft', of: { type: 'markdown', text: hostile } },
        { type: 'quote', of: { type: 'code', text: hostile } },
        { type: 'buttons', buttons: [{ label: 'Approve', token: 'tok_yes' }] },
      )
      const quotes = page.getByTestId('quote')
      await quotes.nth(1).waitFor()
      expect(await quotes.first().getByText('draft', { exact: true }).count()).toBe(1)
      // Every word of it is inside: outside of the boxes there is only what the bot says.
      const outside = await page.evaluate(`(() => {
        const copy = document.querySelector('[data-testid=message-bot]').cloneNode(true)
        for (const quote of copy.querySelectorAll('[data-testid=quote]')) quote.remove()
        return copy.textContent
      })()`)
      expect(outside).toContain('Review · Brief')
      expect(outside).not.toMatch(/approved by|javascript/)
      expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(1)
      expect(await contrastProblems(page)).toEqual([])
    })

    it('makes web links that open apart', async () => {
      const page = await openChat()
      api.say({ type: 'markdown', text: 'See [the report](https://example.org/a).' })
      const link = page.getByRole('link', { name: 'the report' })
      expect(await link.getAttribute('rel')).toContain('noopener')
      expect(await link.getAttribute('target')).toBe('_blank')
    })

    it('says who pays and what is left, and lets one change it', async () => {
      const page = await openChat()
      await page.getByTestId('context-balance').filter({ hasText: '$41.20' }).waitFor()
      expect(await page.getByTestId('context-badge').innerText()).toContain('Acme Research')
      await page.getByTestId('context-badge').click()
      await page.getByTestId('pay-from-team_2').click()
      await page.getByTestId('context-badge').filter({ hasText: 'Night Desk' }).waitFor()
      expect(api.posted[0]?.body).toEqual({ text: '/setcontext team team_2' })
    })

    for (const scheme of ['light', 'dark'] as const) {
      it(`follows the system when it is ${scheme}, and every text can be read`, async () => {
        const page = await openChat({ colorScheme: scheme })
        expect(await page.evaluate('document.documentElement.dataset.mantineColorScheme')).toBe(scheme)
        const buttons = [
          { label: 'Approve', token: 'a', style: 'primary' as const },
          { label: 'Stop', token: 'b', style: 'danger' as const },
        ]
        api.say(
          card('waiting', 'done', 'failed'),
          { type: 'buttons', buttons },
          { type: 'text', text: 'muted', style: 'muted' },
        )
        api.say(
          { type: 'markdown', text: '> quote\n\n`code` and https://example.org' },
          { type: 'code', text: 'x', language: 'ts' },
        )
        await say(page, 'hello')
        await inChat(page, 'You said: hello').waitFor()
        expect(await contrastProblems(page)).toEqual([])
      })
    }

    it('remembers the chosen scheme', async () => {
      const page = await openChat({ colorScheme: 'light' })
      await page.getByTestId('theme').click()
      await page.getByTestId('theme-dark').click()
      const scheme = (): Promise<unknown> => page.evaluate('document.documentElement.dataset.mantineColorScheme')
      await expect.poll(scheme).toBe('dark')
      await page.reload()
      await page.getByTestId('composer').waitFor()
      expect(await scheme()).toBe('dark')
    })

    it('fits a phone', async () => {
      api.add('bot', [
        {
          type: 'table',
          columns: ['A long name', 'Another', 'Third', 'Fourth'],
          rows: [['x'.repeat(60), '2', '3', '4']],
        },
        { type: 'code', text: 'y'.repeat(300) },
        words('z'.repeat(300)),
      ])
      const page = await openChat({ viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true })
      await page.getByTestId('message-bot').waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
      expect(await page.getByTestId('messages').evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0)
      await page.getByTestId('open-menu').tap()
      await page.getByTestId('nav-drawer').getByTestId('nav-chat').tap()
      await page.getByTestId('composer').fill('from the phone')
      await page.getByTestId('send').tap()
      await inChat(page, 'You said: from the phone').waitFor()
    })

    it('offers the commands that are there to be clicked, and sends nothing', async () => {
      const page = await openChat()
      api.say(
        { type: 'list', items: ['/jobs shows them', '/nothing is none', 'src/jobs is a path'] },
        { type: 'text', text: 'Say /balance.', style: 'muted' },
      )
      await page.getByTestId('command').first().waitFor()
      expect(await page.getByTestId('command').allInnerTexts()).toEqual(['/jobs', '/balance'])
      await page.getByTestId('command').first().click()
      expect(await page.getByTestId('composer').inputValue()).toBe('/jobs ')
      expect(api.posted).toEqual([])
    })

    it('greets in an empty conversation', async () => {
      const page = await openChat()
      await page.getByTestId('chat-empty').getByRole('button').first().click()
      expect(await page.getByTestId('composer').inputValue()).toBe('/run ')
    })
  })
})
