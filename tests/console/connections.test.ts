import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { answerLike, type Fault } from '#tests/core/connections/peers.ts'
import { serve } from '#tests/core/outbound/listener.ts'
import { type App, startApp } from '#tests/e2e/support/app.ts'
import { launchBrowser } from './browser.ts'
import { buildConsole } from './build.ts'
import { contrastProblems } from './contrast.ts'
import { Desk } from './desk.ts'

// A busy machine makes a browser slow.
vi.setConfig({ testTimeout: 120_000 })

const skip = process.env.MUSTER_SKIP_BROWSER === '1'
const SECRET = 'CANARY-0123456789-abcd'
const NEXT = 'CANARY-another-one-wxyz'

describe.skipIf(skip)('the page of connections, in a real browser', () => {
  let browser: Browser
  let app: App
  let ada: Desk
  let fault: Fault | undefined
  let known = SECRET
  let peer: Awaited<ReturnType<typeof serve>>

  beforeAll(async () => {
    buildConsole()
    peer = await serve((request, response) => answerLike('plain', known, () => fault)(request, response))
    app = await startApp('sqlite', { settings: { OUTBOUND_ALLOW: peer.host } })
    browser = await launchBrowser()
    ada = await Desk.open(browser)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await app?.end()
    await peer?.close()
  })

  it('takes a key, tests it, replaces it and forgets it, and never shows it', async () => {
    const { page } = ada
    await page.goto(`${app.url}/claim?code=${app.claimCode}`)
    await ada.introduce('Ada Lovelace')
    await page.getByTestId('nav-connections').click()
    await page.getByText('Nothing is connected yet.').waitFor()
    await page.getByTestId('connection-provider').selectOption('http')
    await page.getByTestId('connection-name').fill('Not A Name')
    await page.getByTestId('connection-baseUrl').fill(peer.url)
    await page.getByTestId('connection-secret').fill(SECRET)
    await page.getByTestId('connection-save').click()
    await page.getByText('must be 1 to 48 of', { exact: false }).first().waitFor()
    await page.getByTestId('connection-name').fill('crm')
    await page.keyboard.press('Enter')
    const item = page.getByTestId('connection:crm')
    await item.getByText('key ends in abcd', { exact: false }).waitFor()
    expect(await page.getByTestId('connection-secret').inputValue()).toBe('')

    await item.getByRole('button', { name: 'Test crm' }).click()
    await item.getByText('Works · 4.2.0').waitFor()
    fault = 'auth_failed'
    await item.getByRole('button', { name: 'Test crm' }).click()
    await item.getByText('(auth_failed)', { exact: false }).waitFor()
    fault = undefined
    await item.getByRole('button', { name: 'New key for crm' }).click()
    await item.getByTestId('connection-new-secret').fill(NEXT)
    await item.getByTestId('connection-rotate-save').click()
    known = NEXT
    await item.getByText('key ends in wxyz', { exact: false }).waitFor()
    await item.getByRole('button', { name: 'Test crm' }).click()
    await item.getByText('Works').waitFor()

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
        const folder = process.env.MUSTER_PICTURES
        if (folder) await page.screenshot({ path: `${folder}/connections-${size.width}-${colorScheme}.png` })
      }
    }
    expect(await page.content()).not.toContain('CANARY')

    await item.getByRole('button', { name: 'Delete crm' }).click()
    await item.getByRole('button', { name: 'Delete crm for good' }).click()
    await page.getByText('Nothing is connected yet.').waitFor()
    expect(ada.complaints.filter((text) => /CSP|Content Security Policy|Error:/.test(text))).toEqual([])
    expect(app.errors).toEqual([])
  })
})
