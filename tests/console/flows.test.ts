import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Database from 'better-sqlite3'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type App, startApp } from '#tests/e2e/support/app.ts'
import { type Client, client } from '#tests/e2e/support/client.ts'
import { FLOWS } from '#tests/e2e/support/flow-costs.ts'
import { launchBrowser } from './browser.ts'
import { buildConsole } from './build.ts'
import { Desk } from './desk.ts'
import { LONG_WAIT, LOOK_UP } from './jobs.ts'

// A busy machine makes a browser slow.
vi.setConfig({ testTimeout: 120_000 })

const skip = process.env.MUSTER_SKIP_BROWSER === '1'

const BRIEF = {
  jobId: 'brief',
  displayName: 'Brief',
  description: 'Writes a brief that its owner approves',
  inputSchema: { type: 'object', required: ['topic'], properties: { topic: { type: 'string' } } },
  steps: [
    {
      stepId: 'write',
      displayName: 'Write it',
      toolId: 'docs.format',
      inputMappings: { language: { value: 'markdown' }, text: { template: '# On {{ input.topic }}' } },
    },
  ],
  outputs: { text: { step: 'write', output: 'text' } },
  review: { kind: 'decide', prompt: 'Is it right?', approvers: { roles: ['owner'] }, selfApproval: false },
}

/** One after another, as a team gets to know it; nobody types an id. */
describe.skipIf(skip)('everyday flows, in a real browser', () => {
  let browser: Browser
  let app: App
  let service: Server
  let isDown = true
  let ada: Desk
  let grace: Desk
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
    ada = await Desk.open(browser)
    grace = await Desk.open(browser)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    service?.close()
    await app?.end()
  })
  afterEach(() => {
    const complaints = [ada, grace].flatMap((desk) => desk.complaints.splice(0))
    expect(complaints.filter((text) => /CSP|Content Security Policy|Error:/.test(text))).toEqual([])
    expect(app.errors.splice(0)).toEqual([])
  })

  /** What the flow is not about: money and jobs that are there already. */
  const arrange = async (method: string, path: string, json: object): Promise<void> => {
    const { status, body } = await api.call(method, path, { json, once: `arrange-${++arranged}` })
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`)
  }
  const teamId = async (): Promise<string> => (await api.call('GET', '/v1/teams')).body.items[0].id

  it('first contact to first result', async () => {
    const { page } = ada
    await page.goto(`${app.url}/claim?code=${app.claimCode}`)
    await ada.introduce('Ada Lovelace')
    const [cookie] = await page.context().cookies()
    api = client(app.url, { cookie: `${cookie?.name}=${cookie?.value}` })
    ada.reset()
    await ada.tap(page.getByTestId('chat-empty').getByText('/run', { exact: true }))
    await ada.send()
    await ada.form.getByRole('radio', { name: 'Document check' }).click()
    await ada.fill('text', '#  Hello\n\nworld')
    await ada.submit()
    await (await ada.hear('Findings')).waitFor()
    await ada.hear('cost $0.0025')
    expect(await page.getByTestId('form').count()).toBe(0)
    expect(ada.count).toEqual(FLOWS.first.web)
  })

  it('a run with a missing input', async () => {
    await ada.say('/jobs')
    await ada.tap((await ada.hear('Turns commits into')).getByTestId('command').filter({ hasText: 'release_notes' }))
    await ada.send()
    await ada.form.waitFor()
    await ada.submit()
    await ada.form.getByText('This is needed.').waitFor()
    await ada.press('Cancel')
    await ada.hear('Dropped: Release notes')
    ada.reset()
    await ada.say('/release_notes')
    await ada.fill('commits', 'a1b2c3d feat: a first thing')
    await ada.submit()
    await ada.hear('first thing (')
    expect(ada.count).toEqual(FLOWS.missing.web)
  })

  it('a run over the limit that is confirmed first', async () => {
    await arrange('PUT', '/v1/preferences', { confirmAboveUsd: '0.001' })
    ada.reset()
    await ada.say('/doc_check # Asked first')
    await ada.hear('$0.0025')
    await ada.press('Run it')
    await ada.hear('Asked first')
    expect(ada.count).toEqual(FLOWS.confirm.web)
    await arrange('PUT', '/v1/preferences', { confirmAboveUsd: '1' })
  })

  it('a colleague is invited, and comes in', async () => {
    ada.reset()
    await ada.say('/createteam Acme')
    await ada.press('Invite somebody')
    expect(ada.count).toEqual(FLOWS.invite.web)
    const link = (await ada.hear('An invitation to Acme')).getByRole('link', { name: '/join/' })
    await grace.page.goto((await link.getAttribute('href')) ?? '')
    await grace.introduce('Grace Hopper')
    await grace.say('/whoami')
    await grace.hear('Acme')
  })

  it('who pays is switched', async () => {
    await arrange('POST', `/v1/teams/${await teamId()}/economy/credit`, { amountUsd: '5', reason: 'To begin with' })
    for (const desk of [ada, grace]) {
      await desk.page.reload()
      desk.reset()
      await desk.tap(desk.page.getByTestId('context-badge'))
      await desk.tap(desk.page.getByTestId(/^pay-from-team/).first())
      expect(desk.count).toEqual(FLOWS.switch.web)
      await desk.page.getByTestId('context-badge').filter({ hasText: 'Acme' }).waitFor()
      await desk.hear('Team Acme pays from now on')
    }
  })

  it('changes are asked for, and then it is approved', async () => {
    await arrange('POST', '/v1/jobs', BRIEF)
    await grace.say('/brief topic=grids')
    await ada.hear('Is it right?')
    ada.reset()
    await ada.press('Request changes')
    await ada.fill('comment', 'Say what it costs')
    await ada.submit()
    await grace.hear('asked for changes to Brief: Say what it costs')
    await ada.hear('round 2')
    await ada.press('Approve')
    await grace.hear('@ada-lovelace approved')
    expect(ada.count).toEqual(FLOWS.changes.web)
    await grace.hear('On grids')
  })

  it('more is asked for, and granted', async () => {
    await arrange('PUT', `/v1/teams/${await teamId()}/limits`, { monthlySpendCapUsd: '0.003' })
    await grace.say('/doc_check # Waits for money')
    ada.reset()
    grace.reset()
    await grace.press('Ask for more')
    await ada.hear('asks for')
    await ada.press('Grant')
    expect(ada.count.tapped + grace.count.tapped).toBe(FLOWS.askMore.web.tapped)
    await grace.hear('Waits for money')
    await arrange('PUT', `/v1/teams/${await teamId()}/limits`, { monthlySpendCapUsd: null })
  })

  it('one tap approves', async () => {
    await grace.say('/brief topic=batteries')
    await ada.hear('On batteries')
    ada.reset()
    await ada.press('Approve')
    await expect.poll(() => grace.page.getByText('@ada-lovelace approved Brief.').count()).toBe(2)
    expect(ada.count).toEqual(FLOWS.approve.web)
  })

  it('a failed step is tried again', async () => {
    await arrange('POST', '/v1/jobs', LOOK_UP)
    const { port } = service.address() as AddressInfo
    await ada.say(`/look_up url=http://localhost:${port}/`)
    const card = await ada.hear('Look up')
    await card.getByText('Failed').first().waitFor()
    isDown = false
    ada.reset()
    await ada.press('Retry')
    await ada.hear('all is well')
    expect(ada.count).toEqual(FLOWS.retry.web)
  })

  it('a job is scheduled for every day', async () => {
    ada.reset()
    await ada.say('/schedule')
    await ada.form.getByTestId('field-job').click()
    await ada.page.getByRole('option', { name: 'Document check' }).click()
    await ada.form.getByRole('button', { name: 'every day at 9' }).click()
    await ada.submit()
    await ada.fill('text', '# Daily page')
    await ada.submit()
    await ada.hear('doc-check · at 09:00')
    expect(ada.count).toEqual(FLOWS.schedule.web)
    await ada.press('Run now')
    await ada.agree()
    await ada.hear('Daily page')
    await ada.say('/schedules')
    await ada.press('Pause')
    await ada.hear(/paused/i)
  })

  it('what was begun is cancelled', async () => {
    await arrange('POST', '/v1/jobs', LONG_WAIT)
    await ada.say('/release_notes')
    await ada.form.getByRole('button', { name: 'Cancel' }).click()
    await ada.hear('Dropped: Release notes')
    await ada.say('/long_wait')
    const card = await ada.hear('Long wait')
    ada.reset()
    await ada.press('Stop', card)
    await ada.agree()
    await card.getByText('Stopped').first().waitFor()
    expect(ada.count).toEqual(FLOWS.cancel.web)
  })

  it('last week’s result is found', async () => {
    const weekMs = 7 * 24 * 3_600_000
    const database = new Database(app.database.url.slice('sqlite:'.length))
    expect(
      database.prepare(`UPDATE run SET created_at_ms = created_at_ms - ${weekMs} WHERE job_key = 'brief'`).run()
        .changes,
    ).toBe(2)
    database.close()
    const day = new Date(Date.now() - weekMs).toLocaleDateString('en-GB', {
      day: 'numeric',
      month: 'short',
      timeZone: 'UTC',
    })
    ada.reset()
    await ada.say('/runs brief')
    await (await ada.hear('Runs · Team Acme')).getByText(day).first().waitFor()
    await ada.press('brief · succeeded')
    const card = await ada.hear(/Brief.*Write it.*cost/s)
    await ada.press('Export', card)
    await ada.press('Markdown', await ada.hear('As what?'))
    const { page } = ada
    const file = await ada.hear(/brief\S*\.md/)
    expect(ada.count).toEqual(FLOWS.find.web)
    await file.getByTestId('preview').click()
    await file.getByTestId('preview-text').filter({ hasText: 'On grids' }).waitFor()
    const download = page.waitForEvent('download')
    await file.getByTestId('download').click()
    expect((await download).suggestedFilename()).toMatch(/\.md$/)
  })
})
