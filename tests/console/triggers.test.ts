import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type App, startApp } from '#tests/e2e/support/app.ts'
import { SENDERS } from '../server/hook-senders.ts'
import { launchBrowser } from './browser.ts'
import { buildConsole } from './build.ts'
import { contrastProblems } from './contrast.ts'
import { Desk } from './desk.ts'

// A busy machine makes a browser slow.
vi.setConfig({ testTimeout: 120_000 })

const skip = process.env.MUSTER_SKIP_BROWSER === '1'

describe.skipIf(skip)('the page of triggers, in a real browser', () => {
  let browser: Browser
  let app: App
  let ada: Desk

  beforeAll(async () => {
    buildConsole()
    app = await startApp('sqlite', {})
    browser = await launchBrowser()
    ada = await Desk.open(browser)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await app?.end()
  })

  it('shows what a mapping gives while it is typed, makes the address, and what comes there', async () => {
    const { page } = ada
    await page.goto(`${app.url}/claim?code=${app.claimCode}`)
    await ada.introduce('Ada Lovelace')
    await page.getByTestId('nav-triggers').click()
    await page.getByText('Nothing from outside starts anything yet.').waitFor()
    await page.getByTestId('trigger-name').fill('Bell')
    const job = page.getByTestId('trigger-jobId')
    await job.getByRole('option', { name: 'Release notes' }).waitFor({ state: 'attached' })
    expect(await job.inputValue()).toBe('')
    await job.selectOption('release-notes')
    await page.getByTestId('trigger-preview').getByText('commits', { exact: false }).first().waitFor()
    await job.selectOption('text.template')
    await page.getByTestId('trigger-mapping').fill('{"template": {"value": "Ding {{ who }}"}, "dta": {"body": ""}}')
    const preview = page.getByTestId('trigger-preview')
    await preview.getByText('did you mean data?', { exact: false }).waitFor()
    await page.getByTestId('trigger-mapping').fill('{"template": {"value": "Ding {{ who }}"}, "data": {"body": ""}}')
    await page.getByTestId('trigger-example').fill('{"who": "Eve"}')
    await preview.getByText('It fits.', { exact: false }).waitFor()
    await preview.getByText('"who": "Eve"', { exact: false }).waitFor()
    await page.getByTestId('trigger-save').click()
    const shown = page.getByTestId('trigger-secret')
    await shown.locator('code').nth(1).waitFor()
    const [url = '', secret = ''] = await shown.locator('code').allInnerTexts()
    expect(url).toContain('/hooks/trg_')

    const signed = SENDERS.github({ secret, body: '{"who": "Eve"}', id: 'first', atMs: Date.now() })
    const answer = await fetch(`${app.url}/hooks/${url.split('/').at(-1)}`, {
      method: 'POST',
      headers: signed.headers,
      body: signed.raw,
    })
    expect(answer.status).toBe(202)
    const item = page.getByTestId('trigger:Bell')
    await item.getByRole('button', { name: 'Last deliveries of Bell' }).click()
    await item.getByTestId('delivery:started').first().waitFor()
    await item.getByTestId('delivery-replay').first().click()
    await expect.poll(() => item.getByTestId('delivery:started').count(), { timeout: 30_000 }).toBe(2)
    await item.getByRole('button', { name: 'Pause Bell' }).click()
    await item.getByText('paused', { exact: false }).waitFor()

    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const size of [
        { width: 1280, height: 800 },
        { width: 390, height: 780 },
      ]) {
        await page.setViewportSize(size)
        await expect.poll(() => contrastProblems(page)).toEqual([])
        const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
        expect(await page.evaluate(overflow)).toBe(0)
      }
    }
    await page.reload()
    await page.getByTestId('trigger:Bell').waitFor()
    expect(await page.content()).not.toContain(secret)
  })
})
