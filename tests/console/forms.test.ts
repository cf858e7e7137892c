import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FormField, FormPart, Part } from '#core/chat/message.ts'
import { launchBrowser, openPage, type WatchedPage } from './browser.ts'
import { buildConsole } from './build.ts'
import { contrastProblems } from './contrast.ts'
import { FakeApi, type FakeMessage } from './fake-api.ts'
import { everyKind, formButtons, smallForm } from './form-parts.ts'
import { unnamedControls } from './names.ts'

const skip = process.env.MUSTER_SKIP_BROWSER === '1'

const text = (name: string, more: Partial<FormField> = {}): FormField => {
  const label = name.charAt(0).toUpperCase() + name.slice(1)
  return { name, label, kind: 'text', required: true, ...more }
}

describe.skipIf(skip)('forms in the chat, in a real browser', () => {
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
    expect(complaints.filter((line) => /CSP|Content Security Policy|Error:/.test(line))).toEqual([])
  })

  const openChat = async (options: Parameters<typeof openPage>[1] = {}): Promise<Page> => {
    const watched = await openPage(browser, { reducedMotion: 'reduce', ...options })
    opened.push(watched)
    watched.page.setDefaultTimeout(10_000)
    await watched.page.goto(api.url)
    await watched.page.getByTestId('composer').waitFor()
    await expect.poll(() => api.streamCount).toBe(1)
    return watched.page
  }
  /** The bot asks. When the form is sent, its card says so in its place. */
  const ask = (form: FormPart, ...more: Part[]): FakeMessage => {
    api.forms.set(form.formId, form)
    const card = api.say(form, ...more)
    api.reply = () => {
      api.edit(card.id, [{ type: 'text', text: `${form.title}: sent` }])
      return []
    }
    return card
  }
  const field = (page: Page, name: string): Locator => page.getByTestId(`field-${name}`)
  const sent = (): unknown[] =>
    api.posted.filter(({ path }) => path === '/v1/chat/messages').map(({ body }) => body.form)
  const keptOf = (name: string): string | undefined =>
    [...api.forms.values()].flatMap(({ fields }) => fields).find((one) => one.name === name)?.value
  const focused = (page: Page): Promise<string> =>
    page.evaluate('document.activeElement.getAttribute("data-testid") ?? document.activeElement.type ?? ""')

  it('takes a value for each kind of field, and sends them together', async () => {
    const page = await openChat()
    ask(everyKind, formButtons)
    await field(page, 'topic').fill('Battery storage')
    await page.getByRole('radio', { name: 'Lively' }).check()
    await field(page, 'language').click()
    await page.getByRole('option', { name: 'French (France)' }).click()
    await field(page, 'words').fill('1200')
    await field(page, 'notes').fill('One\nTwo')
    await field(page, 'keywords').fill('["grid"]')
    await field(page, 'urgent').check()
    const file = { name: 'sources.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') }
    await page.getByTestId('form').locator('input[type="file"]').setInputFiles(file)
    await page.getByText('sources.txt').waitFor()
    await page.getByTestId('form-submit').click()
    await page.getByText('Content brief: sent').waitFor()
    expect(sent()).toEqual([
      {
        formId: 'form_1',
        values: {
          topic: 'Battery storage',
          tone: 'lively',
          language: 'fr',
          words: '1200',
          notes: 'One\nTwo',
          keywords: '["grid"]',
          urgent: true,
        },
        files: { sources: 'art_1' },
      },
    ])
    expect(await page.getByTestId('form').count()).toBe(0)
    // The form is gone; the keyboard's place is not.
    expect(await page.evaluate('document.activeElement.dataset.message')).toBeTruthy()
  })

  it('shows its own button once, and the others beside it', async () => {
    const page = await openChat()
    ask(smallForm(text('title')), formButtons)
    const form = page.getByTestId('form')
    await form.waitFor()
    expect(await form.getByRole('button').allInnerTexts()).toEqual(['Start', 'Cancel'])
    expect(await page.getByRole('button', { name: 'Start' }).count()).toBe(1)
    await form.getByRole('button', { name: 'Cancel' }).click()
    await expect.poll(() => api.posted.map(({ body }) => body.button)).toContain('tok_cancel')
  })

  it('asks before it is dropped as soon as there is something in it, kept or only typed', async () => {
    const page = await openChat()
    const confirm = { title: 'Drop this form?', text: 'It is gone then.', yes: 'Yes, drop it', no: 'Keep it' }
    const cancel = { label: 'Cancel', token: 'tok_cancel', confirm }
    ask(smallForm(text('title')), { type: 'buttons', buttons: [cancel] })
    await field(page, 'title').fill('Notes')
    const form = page.getByTestId('form')
    await form.getByRole('button', { name: 'Cancel' }).click()
    await form.getByRole('button', { name: 'Keep it' }).click()
    expect(await field(page, 'title').inputValue()).toBe('Notes')
    await field(page, 'title').fill('')
    const pressed = (): number => api.posted.filter(({ body }) => body.button === 'tok_cancel').length
    expect(pressed()).toBe(0)
    await form.getByRole('button', { name: 'Cancel' }).click()
    await expect.poll(pressed).toBe(1)
  })

  it('says beside the fields what is missing, and puts the keyboard on the first of them', async () => {
    const page = await openChat()
    ask(smallForm(text('title'), text('audience'), text('note', { required: false })))
    api.check = ({ fields }) =>
      Object.fromEntries(
        fields.filter((one) => one.required && !one.value).map(({ name }) => [name, 'This is needed.']),
      )
    await field(page, 'title').fill('Notes')
    await field(page, 'note').focus()
    await page.keyboard.press('Enter')
    await page.getByText('This is needed.').waitFor()
    expect(await page.getByText('This is needed.').count()).toBe(1)
    expect(await focused(page)).toBe('field-audience')
    const described = await field(page, 'audience').getAttribute('aria-describedby')
    const words = await page.evaluate(`document.getElementById(${JSON.stringify(described)}).innerText`)
    expect(words).toBe('This is needed.')
    expect(await field(page, 'audience').getAttribute('aria-invalid')).toBe('true')
    await page.keyboard.type('Everybody')
    await page.keyboard.press('Enter')
    await page.getByText('Release notes: sent').waitFor()
    expect(sent().at(-1)).toEqual({ formId: 'form_2', values: { title: 'Notes', audience: 'Everybody' } })
  })

  it('sends from an area with Ctrl+Enter; Enter alone breaks the line', async () => {
    const page = await openChat()
    ask(smallForm(text('body', { kind: 'multiline' })))
    await field(page, 'body').focus()
    await page.keyboard.type('one')
    await page.keyboard.press('Enter')
    await page.keyboard.type('two')
    await page.keyboard.press('Control+Enter')
    await page.getByText('Release notes: sent').waitFor()
    expect(sent()).toEqual([{ formId: 'form_2', values: { body: 'one\ntwo' } }])
  })

  it('keeps a field when it is left, and what is being typed over a reload', async () => {
    const page = await openChat()
    ask(smallForm(text('title'), text('audience')))
    await field(page, 'title').fill('Kept')
    await field(page, 'audience').fill('half a wor')
    await expect.poll(() => keptOf('title')).toBe('Kept')
    expect(keptOf('audience')).toBeUndefined()
    await page.reload()
    await expect.poll(() => field(page, 'audience').inputValue()).toBe('half a wor')
    await expect.poll(() => field(page, 'title').inputValue()).toBe('Kept')
    await expect.poll(() => keptOf('audience')).toBe('half a wor')
  })

  it('is not disturbed by edits of its card, and shows what came from elsewhere', async () => {
    const page = await openChat()
    const fields = [text('title'), text('audience')]
    const card = ask(smallForm(...fields))
    await field(page, 'title').pressSequentially('In the mid')
    const answered = smallForm(...fields.map((one) => (one.name === 'audience' ? { ...one, value: 'Ops' } : one)))
    api.forms.set(answered.formId, answered)
    api.edit(card.id, [answered])
    await expect.poll(() => field(page, 'audience').inputValue()).toBe('Ops')
    await page.keyboard.type('dle')
    expect(await field(page, 'title').inputValue()).toBe('In the middle')
    expect(await focused(page)).toBe('field-title')
  })

  it('sends once, also when the answer was lost', async () => {
    const page = await openChat()
    ask(smallForm(text('title')))
    await field(page, 'title').fill('Once')
    api.nextPost = 'cut'
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('The server did not answer').waitFor()
    api.nextPost = undefined
    await page.getByTestId('form-submit').click()
    await page.getByText('Release notes: sent').waitFor()
    const keys = api.posted.filter(({ path }) => path === '/v1/chat/messages').map(({ key }) => key)
    expect(keys.length).toBeGreaterThan(1)
    expect(new Set(keys).size).toBe(1)
  })

  it('says that it is over when it is', async () => {
    const page = await openChat()
    const form = smallForm(text('title'))
    api.forms.set(form.formId, form)
    api.say(form)
    await field(page, 'title').fill('Too late')
    api.forms.delete(form.formId)
    await page.keyboard.press('Enter')
    await page.getByTestId('form-over').getByText('This form is over.').waitFor()
    expect(await page.getByTestId('form').count()).toBe(0)
  })

  it('says why a file was refused, and takes another', async () => {
    const page = await openChat()
    ask(smallForm(text('log', { kind: 'file' })))
    const input = page.getByTestId('form').locator('input[type="file"]')
    await input.setInputFiles({ name: 'big.exe', mimeType: 'application/octet-stream', buffer: Buffer.alloc(9) })
    await page.getByText('This file is larger than 20 MB.').waitFor()
    await input.setInputFiles({ name: 'log.txt', mimeType: 'text/plain', buffer: Buffer.from('x') })
    await expect.poll(() => keptOf('log')).toBe('log.txt')
    await page.getByRole('button', { name: 'Remove log.txt' }).click()
    await expect.poll(() => keptOf('log')).toBeUndefined()
  })

  for (const scheme of ['light', 'dark'] as const) {
    it(`can be read and named in ${scheme}, with its problems`, async () => {
      const page = await openChat({ colorScheme: scheme })
      ask(everyKind, formButtons)
      api.check = ({ fields }) => Object.fromEntries(fields.map(({ name }) => [name, 'This is wrong.']))
      await page.getByRole('radio', { name: 'Formal' }).check()
      await page.getByTestId('form-submit').click()
      await page.getByText('This is wrong.').first().waitFor()
      expect(await page.getByText('This is wrong.').count()).toBe(everyKind.fields.length)
      await expect.poll(() => contrastProblems(page)).toEqual([])
      expect(await unnamedControls(page)).toEqual([])
    })
  }

  it('fits a phone, and begins at its beginning', async () => {
    const page = await openChat({ viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true })
    ask(everyKind, formButtons)
    await field(page, 'topic').waitFor()
    const box = await page.getByTestId('messages').boundingBox()
    const title = page.getByTestId('form').getByText('Content brief')
    await expect.poll(async () => ((await title.boundingBox())?.y ?? 0) > (box?.y ?? 0)).toBe(true)
    expect(await page.getByTestId('messages').evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
  })
})
