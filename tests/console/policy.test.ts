import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type App, startApp } from '#tests/e2e/support/app.ts'
import { launchBrowser } from './browser.ts'
import { buildConsole } from './build.ts'
import { contrastProblems } from './contrast.ts'
import { Desk } from './desk.ts'

// A busy machine makes a browser slow.
vi.setConfig({ testTimeout: 120_000 })

const skip = process.env.MUSTER_SKIP_BROWSER === '1'
/** Whoever wants to look at it says where the pictures go. */
const pictures = process.env.MUSTER_PICTURES

describe.skipIf(skip)('the page of policies and budgets, in a real browser', () => {
  let browser: Browser
  let app: App
  let ada: Desk

  beforeAll(async () => {
    buildConsole()
    app = await startApp('sqlite', {})
    browser = await launchBrowser()
    ada = await Desk.open(browser)
    await ada.page.goto(`${app.url}/claim?code=${app.claimCode}`)
    await ada.introduce('Ada Lovelace')
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await app?.end()
  })

  it('says what reigns and why a model answers, and changes it', async () => {
    const { page } = ada
    await page.getByTestId('nav-policy').click()
    const reigns = page.getByTestId('policy-effective')
    await reigns.getByText('a usual one of what is connected', { exact: false }).waitFor()
    const explained = page.getByTestId('policy-explained')
    await explained.getByText('no provider is connected, so the mock answers', { exact: false }).waitFor()
    await explained.getByText('Decided by: no connection.', { exact: false }).waitFor()

    const edit = page.getByTestId('policy-edit')
    await edit.getByRole('option', { name: 'openai/gpt-5-mini' }).waitFor({ state: 'attached' })
    await edit.getByTestId('policy-model').selectOption('openai/gpt-5-mini')
    await edit.getByTestId('policy-allowed').fill('openai/*\ngoogle/gemini-2.5-flash')
    await edit.getByTestId('policy-mostTokens').fill('2000')
    await edit.getByTestId('policy-onNoConnection').selectOption('refuse')
    await edit.getByTestId('policy-save').click()
    await page.getByTestId('policy-saved').waitFor()
    await reigns.getByText('openai/gpt-5-mini', { exact: true }).waitFor()
    await reigns.getByText('openai/*, google/gemini-2.5-flash', { exact: true }).waitFor()
    await explained.getByText('No model').waitFor()
    await explained.getByText('no connection to openai can be used', { exact: false }).waitFor()
    await page.getByTestId('explain-model').selectOption('anthropic/claude-sonnet-4-5')
    await explained.getByText('is not among what', { exact: false }).waitFor()
    await page.getByTestId('explain-model').selectOption('')

    // What has no field stands in the document, and stays when fields are saved.
    await edit.getByTestId('policy-as-document').click()
    const document = edit.getByTestId('policy-document')
    const before = JSON.parse(await document.inputValue())
    expect(before).toEqual({
      default: { model: 'openai/gpt-5-mini' },
      most: { maxTokens: 2_000 },
      allowed: ['openai/*', 'google/gemini-2.5-flash'],
      onNoConnection: 'refuse',
    })
    await document.fill('{"default": ')
    await edit.getByText('is not JSON yet').waitFor()
    expect(await edit.getByTestId('policy-save').isDisabled()).toBe(true)
    await document.fill(JSON.stringify({ ...before, nonsense: 1 }))
    await edit.getByTestId('policy-save').click()
    await edit.getByRole('alert').waitFor()
    await document.fill(JSON.stringify({ ...before, overrides: { jobs: { letter: { effort: 'low' } } } }))
    await edit.getByTestId('policy-save').click()
    await reigns.getByText('job letter: effort low').waitFor()
    await edit.getByTestId('policy-mock').selectOption('on')
    await edit.getByTestId('policy-save').click()
    await page.getByTestId('policy-banner').waitFor()
    await reigns.getByText('job letter: effort low').waitFor()
    await explained.getByText('mock/mock-1', { exact: false }).waitFor()
  })

  it('sets budgets, shows how far they are used, changes and ends them', async () => {
    const { page } = ada
    await page.goto(`${app.url}/policy`)
    await page.getByText('There is no budget here yet.').waitFor()
    const add = page.getByTestId('budget-add')
    await add.getByTestId('budget-limitUsd').fill('0.01')
    await add.getByTestId('budget-period').selectOption('day')
    await add.getByTestId('budget-save').click()
    const whole = page.getByTestId('budget:team:day')
    await whole.getByText('$0.00 of $0.01 used or held', { exact: false }).waitFor()

    await add.getByTestId('budget-kind').selectOption('job')
    await add.getByRole('option', { name: 'Release notes' }).waitFor({ state: 'attached' })
    await add.getByTestId('budget-name').selectOption('release-notes')
    await add.getByTestId('budget-limitUsd').fill('much')
    await add.getByTestId('budget-save').click()
    await add.getByRole('alert').waitFor()
    await add.getByTestId('budget-limitUsd').fill('0.002')
    await add.getByTestId('budget-stop').selectOption('warn')
    await add.getByTestId('budget-save').click()
    const job = page.getByTestId('budget:job:release-notes:month')
    await job.getByText('and never stops anything', { exact: false }).waitFor()

    await page.getByTestId('nav-chat').click()
    await ada.say('/release_notes a1b2c3d feat: first')
    await ada.hear('cost $0.002')
    await page.getByTestId('nav-policy').click()
    await whole.getByText('$0.002 of $0.01 used or held', { exact: false }).waitFor()
    await job.getByText('It runs low.').waitFor()

    await whole.getByTestId('budget-change').click()
    await whole.getByTestId('budget-new-limitUsd').fill('0.001')
    await whole.getByTestId('budget-change-save').click()
    await whole.getByText('It is used up', { exact: false }).waitFor()
    await page.getByTestId('nav-chat').click()
    await ada.say('/release_notes b2c3d4e fix: second')
    await ada.hear('The budget of everything here for a day is $0.001')
    await page.getByTestId('nav-policy').click()

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
        if (pictures === undefined) continue
        mkdirSync(pictures, { recursive: true })
        // The page scrolls within the shell.
        await page.setViewportSize({ ...size, height: 2_600 })
        await page.screenshot({ path: join(pictures, `policy-${colorScheme}-${size.width}.png`) })
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 })
    await job.getByRole('button', { name: 'End the budget of job release-notes for a month' }).click()
    await job.getByTestId('budget-end').click()
    await job.waitFor({ state: 'detached' })
    await page.reload()
    await whole.waitFor()
    expect(ada.complaints.filter((line) => !/40\d/.test(line))).toEqual([])
  })

  it('is looked at by members of a team, and changed by its admins', async () => {
    const grace = await Desk.open(browser)
    await ada.page.getByTestId('nav-chat').click()
    await ada.say('/createteam Acme')
    await ada.press('Invite somebody')
    const link = (await ada.hear('An invitation to Acme')).getByRole('link', { name: '/join/' })
    await grace.page.goto((await link.getAttribute('href')) ?? '')
    await grace.introduce('Grace Hopper')
    for (const { page } of [ada, grace]) {
      await page.reload()
      await page.getByTestId('context-badge').click()
      await page
        .getByTestId(/^pay-from-team/)
        .first()
        .click()
      await page.getByTestId('context-badge').filter({ hasText: 'Acme' }).waitFor()
      await page.getByTestId('nav-policy').click()
      await page.getByText('Which models answer in team Acme', { exact: false }).waitFor()
      // Nothing of what ada has for herself is here.
      await page.getByText('There is no budget here yet.').waitFor()
      expect(await page.getByTestId('policy-banner').count()).toBe(0)
    }
    const limit = ada.page.getByTestId('budget-limitUsd')
    await limit.fill('3')
    await ada.page.getByTestId('budget-save').click()
    await ada.page.getByTestId('budget:team:month').waitFor()
    await grace.page.reload()
    const seen = grace.page.getByTestId('budget:team:month')
    await seen.getByText('$0.00 of $3.00 used or held', { exact: false }).waitFor()
    await grace.page.getByText('Admins of the team change its policy and set its budgets.').waitFor()
    for (const part of ['budget-change', 'budget-add', 'policy-edit']) {
      expect(await grace.page.getByTestId(part).count()).toBe(0)
    }
    await grace.page.getByTestId('policy-explained').getByText('mock/mock-1', { exact: false }).waitFor()
  })
})
