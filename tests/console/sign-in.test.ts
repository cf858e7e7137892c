import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type App, startApp } from '#tests/e2e/support/app.ts'
import { client } from '#tests/e2e/support/client.ts'
import { type Inbox, openInbox } from '#tests/peers/mail/inbox.ts'
import { type OpenIdPeer, openOpenIdPeer } from '#tests/peers/openid/provider.ts'
import { launchBrowser } from './browser.ts'
import { buildConsole } from './build.ts'
import { contrastProblems } from './contrast.ts'
import { Desk } from './desk.ts'

// A busy machine makes a browser slow.
vi.setConfig({ testTimeout: 180_000 })

const skip = process.env.MUSTER_SKIP_BROWSER === '1'
const PASSWORD = 'correct horse battery'
const NEXT = 'another long sentence'
const MAIL = 'ada@example.org'
/** Runs where anything that somebody typed becomes part of a page. */
const EVIL = '<script>window.__ran=1</script><img src=x onerror="window.__ran=1">'

describe.skipIf(skip)('signing in, in a real browser', () => {
  let browser: Browser
  let app: App
  let inbox: Inbox
  let google: OpenIdPeer
  const desks: Desk[] = []

  beforeAll(async () => {
    buildConsole()
    inbox = await openInbox()
    google = await openOpenIdPeer()
    app = await startApp('sqlite', {
      settings: {
        ACCESS: 'open',
        EMAIL_SMTP_URL: inbox.url,
        EMAIL_FROM: 'Muster <muster@example.org>',
        GOOGLE_CLIENT_ID: google.clientId,
        GOOGLE_CLIENT_SECRET: google.clientSecret,
        GOOGLE_ISSUER: google.url,
        OUTBOUND_ALLOW: google.host,
      },
    })
    browser = await launchBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await app?.end()
    await inbox?.close()
    await google?.close()
  })

  const sit = async (): Promise<Desk> => {
    const desk = await Desk.open(browser)
    desks.push(desk)
    return desk
  }
  const open = (page: Page, path: string) => page.goto(`${app.url}${path}`)

  async function signInElsewhere(json: object, agent: string): Promise<void> {
    const headers = { 'Content-Type': 'application/json', 'User-Agent': agent }
    const answer = await fetch(`${app.url}/v1/auth/login`, { method: 'POST', headers, body: JSON.stringify(json) })
    expect(answer.status).toBe(200)
  }

  /** Legible, nothing cut off, in light and dark, at a desk and on a phone. */
  async function lookAt(page: Page, scene: string): Promise<void> {
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
        if (folder)
          await page.screenshot({ path: `${folder}/${scene}-${size.width}-${colorScheme}.png`, fullPage: true })
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 })
  }

  it('makes an account, signs out, and in again with handle or confirmed address', async () => {
    const { page } = await sit()
    await open(page, '/login')
    await page.getByTestId('register-link').click()
    await page.getByTestId('display-name').fill('Ada Lovelace')
    await page.getByTestId('email').fill(MAIL)
    await page.getByTestId('new-password').fill('password1')
    await page.getByTestId('register-submit').click()
    await page.getByText('tried first', { exact: false }).waitFor()
    await lookAt(page, 'register')
    await page.getByTestId('new-password').fill(PASSWORD)
    await page.getByTestId('register-submit').click()
    await page.getByTestId('chat').waitFor()
    await open(page, `/verify?code=${await inbox.code(MAIL)}`)
    await page.getByTestId('verify-submit').waitFor()
    await lookAt(page, 'verify')
    await page.getByTestId('verify-submit').click()
    await page.getByText(`${MAIL} is yours now`, { exact: false }).waitFor()
    await page.getByTestId('user-menu').click()
    await page.getByTestId('sign-out').click()
    await page.getByTestId('login-name').waitFor()
    await lookAt(page, 'login')
    await page.getByTestId('login-name').fill(MAIL)
    await page.getByTestId('login-password').fill('not it at all')
    await page.keyboard.press('Enter')
    await page.getByText('The name or the password is wrong.').waitFor()
    await page.getByTestId('login-password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByTestId('chat').waitFor()
  })

  it('sends a link, and signs in by pressing the button it leads to', async () => {
    const { page } = await sit()
    await open(page, '/login')
    await page.getByTestId('by-mail').click()
    await page.getByTestId('email').fill(MAIL)
    await lookAt(page, 'mail')
    await page.getByTestId('mail-submit').click()
    await page.getByTestId('mail-sent').waitFor()
    await lookAt(page, 'mail-sent')
    await open(page, `/sign-in?code=${await inbox.code(MAIL, 1)}`)
    await page.getByTestId('sign-in').waitFor()
    await lookAt(page, 'sign-in')
    await page.getByTestId('sign-in').click()
    await page.getByTestId('chat').waitFor()
    expect(page.url()).not.toContain('code=')
    await open(page, '/sign-in?code=nonsense')
    await page.getByTestId('sign-in').click()
    await page.getByTestId('sign-in-refused').waitFor()
  })

  it('sets a forgotten password', async () => {
    const { page } = await sit()
    await open(page, '/login')
    await page.getByTestId('forgot').click()
    await page.getByTestId('email').fill(MAIL)
    await page.getByTestId('mail-submit').click()
    await page.getByTestId('forgot-page-sent').waitFor()
    await open(page, `/reset?code=${await inbox.code(MAIL, 2)}`)
    await page.getByTestId('new-password').fill('12345678')
    await page.getByTestId('reset-submit').click()
    await page.getByText('tried first', { exact: false }).waitFor()
    await lookAt(page, 'reset')
    await page.getByTestId('new-password').fill(NEXT)
    await page.getByTestId('reset-submit').click()
    await page.getByTestId('chat').waitFor()
  })

  it('goes to Google and comes back', async () => {
    const { page } = await sit()
    google.guest = { sub: '77', name: 'Grace Hopper' }
    await open(page, '/login')
    await page.getByTestId('by-google').click()
    await page.getByTestId('chat').waitFor()
    await page.getByTestId('user-menu').click()
    await page.getByText('@grace-hopper').waitFor()
    await open(page, '/login?google=forbidden')
    await page.getByText('Ask for an invitation', { exact: false }).waitFor()
  })

  it('shows one’s own ways in, changes the password, ends sessions, makes and revokes keys', async () => {
    const { page } = await sit()
    await signInElsewhere({ handle: 'ada-lovelace', password: NEXT }, 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0')
    await open(page, '/login')
    await page.getByTestId('login-name').fill('ada-lovelace')
    await page.getByTestId('login-password').fill(NEXT)
    await page.getByTestId('login-submit').click()
    await page.getByTestId('user-menu').click()
    await page.getByTestId('open-account').click()
    await page.getByTestId('account').waitFor()
    const other = page.getByTestId('session').filter({ hasText: 'Firefox on Windows' })
    await other.getByTestId('session-end').click()
    await other.waitFor({ state: 'detached' })
    await page.getByTestId('key-name').fill('the build')
    await page.getByTestId('key-make').click()
    const key = (await page.getByTestId('key-shown').textContent()) ?? ''
    const me = async (): Promise<number> =>
      (await fetch(`${app.url}/v1/me`, { headers: { Authorization: `Bearer ${key}` } })).status
    expect(await me()).toBe(200)
    await lookAt(page, 'account')
    await page.getByRole('button', { name: 'Revoke the build' }).click()
    await page.getByText('You have none.', { exact: true }).waitFor()
    expect(await me()).toBe(401)
    await page.getByTestId('current-password').fill('wrong one')
    await page.getByTestId('new-password').fill(PASSWORD)
    await page.getByTestId('password-save').click()
    await page.getByText('This is not your password', { exact: false }).waitFor()
    await page.getByTestId('current-password').fill(NEXT)
    await page.getByTestId('password-save').click()
    await page.getByText('Your password is set.').waitFor()
    expect(await page.getByTestId('current-password').inputValue()).toBe('')
    await page.getByTestId('add-email').fill('second@example.org')
    await page.getByTestId('add-email-save').click()
    await page.getByText('is on its way', { exact: false }).waitFor()
    await open(page, `/verify?code=${await inbox.code('second@example.org')}`)
    await page.getByTestId('verify-submit').click()
    await page.getByRole('link', { name: 'Your account' }).last().click()
    await page.getByTestId('account-ways').getByText('second@example.org').waitFor()
  })

  it('runs nothing of what people write, on any page', async () => {
    const { page } = await sit()
    await open(page, '/register')
    await page.getByTestId('display-name').fill(EVIL.slice(0, 80))
    await page.getByTestId('handle').fill('mallory')
    await page.getByTestId('new-password').fill(PASSWORD)
    await page.getByTestId('register-submit').click()
    await page.getByTestId('chat').waitFor()
    const [cookie] = await page.context().cookies()
    const api = client(app.url, { cookie: `${cookie?.name}=${cookie?.value}` })
    const team = (await api.call('POST', '/v1/teams', { json: { name: EVIL.slice(0, 80) } })).body.id
    const { code } = (await api.call('POST', `/v1/teams/${team}/invitations`, { json: { invitee: EVIL } })).body
    await api.call('POST', '/v1/api-keys', { json: { name: EVIL.slice(0, 80) } })
    await api.call('PUT', '/v1/preferences', { json: { displayName: EVIL.slice(0, 80) } })
    await signInElsewhere({ handle: 'mallory', password: PASSWORD }, EVIL)
    await api.call('POST', '/v1/chat/messages', { json: { text: `/whoami` } })
    await api.call('POST', '/v1/chat/messages', { json: { text: EVIL } })
    await api.call('POST', '/v1/tools/text.template/run', {
      json: { inputs: { template: `${EVIL} **[x](javascript:window.__ran=1)**`, data: {} } },
    })
    const evil = encodeURIComponent(EVIL)
    const paths = [
      '/chat',
      '/runs',
      '/connections',
      '/account',
      `/verify?code=${evil}`,
      `/login?code=${evil}`,
      `/login?google=${evil}`,
      `/register?invitation=${evil}`,
      `/sign-in?code=${evil}`,
      `/reset?code=${evil}`,
      `/claim?code=${evil}`,
      '/mail',
      '/forgot',
      `/join/${code}`,
      `/join/${evil}`,
      `/${evil}`,
    ]
    for (const path of paths) {
      const answer = await open(page, path)
      expect(answer?.headers()['content-security-policy']).toMatch(/script-src 'self'(;|$)/)
      await page.locator('h1, [data-testid="chat"]').first().waitFor()
      await page.waitForLoadState('networkidle').catch(() => {})
      expect([path, await page.evaluate('window.__ran')]).toEqual([path, undefined])
    }
  })

  it('never broke its policy', () => {
    const broken = desks
      .flatMap(({ complaints }) => complaints)
      .filter((text) => /CSP|Content Security Policy|Error:/.test(text))
    expect(broken).toEqual([])
    expect(app.errors).toEqual([])
  })
})
