import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type App, startApp } from '#tests/e2e/support/app.ts'
import { type Client, client } from '#tests/e2e/support/client.ts'
import { launchBrowser } from './browser.ts'
import { buildConsole } from './build.ts'
import { contrastProblems } from './contrast.ts'
import { Desk } from './desk.ts'
import { LONG_WAIT, LOOK_UP } from './jobs.ts'
import { unnamedControls } from './names.ts'

// A busy machine makes a browser slow.
vi.setConfig({ testTimeout: 120_000 })

const skip = process.env.MUSTER_SKIP_BROWSER === '1'

const BRIEF = {
  jobId: 'brief',
  displayName: 'Brief',
  description: 'Writes a brief that its owner approves',
  inputSchema: { type: 'object', properties: {} },
  steps: [
    {
      stepId: 'write',
      displayName: 'Write it',
      toolId: 'docs.format',
      inputMappings: { language: { value: 'markdown' }, text: { value: '# On grids' } },
    },
  ],
  outputs: { text: { step: 'write', output: 'text' } },
  review: { kind: 'decide', prompt: 'Is it right?', approvers: { people: ['ada-lovelace'] }, selfApproval: true },
}

const PHONE = { width: 360, height: 740 }
const DESK = { width: 1180, height: 820 }

/** One instance, and one person who looks at what their runs do. */
describe.skipIf(skip)('runs in the console, in a real browser', () => {
  let browser: Browser
  let app: App
  let service: Server
  let isDown = true
  let ada: Desk
  let api: Client
  let arranged = 0

  beforeAll(async () => {
    buildConsole()
    service = createServer((_, response) => {
      response.writeHead(isDown ? 404 : 200, { 'content-type': 'text/plain' }).end(isDown ? 'gone' : 'all is well')
    })
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
    app = await startApp('sqlite', { settings: { OUTBOUND_ALLOW: 'localhost' } })
    browser = await launchBrowser()
    ada = await Desk.open(browser, { viewport: DESK })
    await ada.page.goto(`${app.url}/claim?code=${app.claimCode}`)
    await ada.introduce('Ada Lovelace')
    const [cookie] = await ada.page.context().cookies()
    api = client(app.url, { cookie: `${cookie?.name}=${cookie?.value}` })
    for (const job of [LOOK_UP, LONG_WAIT, BRIEF]) await arrange('/v1/jobs', job)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    service?.close()
    await app?.end()
  })
  afterEach(() => {
    const complaints = ada.complaints.splice(0)
    expect(complaints.filter((text) => /CSP|Content Security Policy|Error:/.test(text))).toEqual([])
    expect(app.errors.splice(0)).toEqual([])
  })

  const arrange = async (path: string, json: object): Promise<string> => {
    const { status, body } = await api.call('POST', path, { json, once: `arrange-${++arranged}` })
    if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
    return body.id
  }
  const start = (job: string, inputs: object = {}) => arrange(`/v1/jobs/${job}/run`, { inputs })
  const open = async (runId: string): Promise<Page> => {
    await ada.page.goto(`${app.url}/runs/${runId}`)
    await ada.page.getByTestId('run').waitFor()
    return ada.page
  }
  const untilState = (page: Page, state: string) => page.getByTestId('run-state').filter({ hasText: state }).waitFor()

  it('leads from its card to its page, with what each step brought and what happened', async () => {
    const { page } = ada
    await ada.say('/doc_check #  Hello')
    await ada.hear('Findings')
    const card = await ada.hear('cost $0.0025')
    await card.getByRole('link', { name: 'Open in console' }).click()
    await untilState(page, 'Done')
    expect(await page.title()).toBe('Document check · Muster')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Document check')
    expect(await page.getByTestId('run-facts').textContent()).toMatch(/PaysPersonal.*Cost\$0\.0025/)
    const lint = page.getByTestId('step-lint')
    await lint.getByText('What it brought').click()
    expect(await lint.getByRole('columnheader').allTextContents()).toContain('rule')
    await page.getByTestId('variant-accept').click()
    await page.getByTestId('run-result').getByText('Accepted on').waitFor()
    await page.getByTestId('variant-export').click()
    const download = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: 'JSON' }).click()
    expect((await download).suggestedFilename()).toBe('doc-check.json')
    await page.getByTestId('run-files').getByText('doc-check.json').waitFor()
    await page.getByTestId('run-log').getByText('Asked for · @ada-lovelace').waitFor()
    await page
      .getByTestId('run-log')
      .getByText(/^Format the document: done · /)
      .waitFor()
  })

  it('follows a run without a reload, and stops it by keyboard', async () => {
    const page = await open(await start('long-wait'))
    await untilState(page, 'Waiting')
    await page
      .getByTestId('run-waits')
      .getByText(/^Rest: its time, at /)
      .waitFor()
    await page.getByTestId('run-stop').focus()
    await page.keyboard.press('Enter')
    await page.getByText('Stop this run?').waitFor()
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await untilState(page, 'Stopped')
    await page.getByTestId('run-log').getByText('Asked to stop · @ada-lovelace').waitFor()
    await page.getByTestId('run-stop').waitFor({ state: 'detached' })
    // Going on by keyboard from where Stop was.
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.dataset.testid')).toBe('run-retry')
  })

  it('says why a run failed, and goes on with it where it failed', async () => {
    const { port } = service.address() as AddressInfo
    const page = await open(await start('look-up', { url: `http://localhost:${port}/` }))
    await untilState(page, 'Failed')
    await page.getByTestId('run-problem').getByText(/404/).waitFor()
    isDown = false
    await page.getByTestId('run-retry').click()
    await untilState(page, 'Done')
    await page.getByTestId('run-result').getByText('all is well').waitFor()
    const address = page.url()
    await page.getByTestId('run-again').click()
    await page.getByTestId('confirm-yes').click()
    await page.waitForURL((url) => url.href !== address && url.pathname.startsWith('/runs/run_'))
    await untilState(page, 'Done')
  })

  it('leads to what is to be decided, and shows it as decided', async () => {
    const runId = await start('brief')
    const page = await open(runId)
    await page.getByTestId('run-waits').getByText('Is it right?').waitFor()
    await page.getByTestId('decide').click()
    await ada.press('Approve', await ada.hear('Is it right?'))
    await open(runId)
    await untilState(page, 'Done')
    await page.getByTestId('run-result').getByRole('heading', { name: 'On grids' }).waitFor()
  })

  it('asks who is not signed in to do so, and brings them to the run they wanted', async () => {
    const runId = await start('long-wait')
    const guest = await Desk.open(browser)
    await guest.page.goto(`${app.url}/runs/${runId}`)
    await guest.page.getByTestId('login').getByText('/console').waitFor()
    const { body } = await api.call('POST', '/v1/chat/messages', { json: { text: '/console' }, once: 'link' })
    const [link] = /http\S+\/login\?code=[\w-]+/.exec(JSON.stringify(body.replies)) ?? []
    await guest.page.goto(link ?? '')
    await guest.page.getByTestId('sign-in').click()
    await guest.page.getByTestId('run').waitFor()
    expect(new URL(guest.page.url()).pathname).toBe(`/runs/${runId}`)
    await guest.page.goto(`${app.url}/runs/run_0190b0a0-0000-7000-8000-000000000000`)
    await guest.page.getByTestId('run-unknown').getByText('There is no such run, or it is not yours to see.').waitFor()
    await guest.page.context().close()
  })

  it('lists runs newest first, by state, and is readable on a phone, light and dark', async () => {
    const { page } = ada
    await page.goto(app.url)
    await page.getByTestId('nav-runs').click()
    const rows = page.getByTestId('run-row')
    await rows.first().getByText('long-wait').waitFor()
    await page.getByTestId('runs-state').selectOption('Stopped')
    await expect.poll(() => rows.allTextContents()).toHaveLength(1)
    await page.goBack()
    await page.goForward()
    await expect.poll(() => rows.allTextContents()).toHaveLength(1)
    await page.getByTestId('runs-state').selectOption('Failed')
    await page.getByTestId('runs-empty').waitFor()
    await page.getByTestId('runs-state').selectOption('Done')
    const look = async (): Promise<void> => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        // Colours change with the next frame.
        await expect.poll(() => contrastProblems(page)).toEqual([])
        expect(await unnamedControls(page)).toEqual([])
        expect(await page.evaluate('document.getElementById("main").scrollWidth')).toBeLessThanOrEqual(PHONE.width)
      }
    }
    await page.setViewportSize(PHONE)
    await rows.filter({ hasText: 'doc-check' }).waitFor()
    await look()
    await rows.filter({ hasText: 'doc-check' }).click()
    await untilState(page, 'Done')
    await page.getByTestId('run-log').waitFor()
    await look()
    await page.setViewportSize(DESK)
  })
})
