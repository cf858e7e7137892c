import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

export async function launchBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(
      `The console is tested in a real browser, and ${CHROMIUM} is missing. Install it with ` +
        '`apt-get install -y chromium`, or set MUSTER_SKIP_BROWSER=1 to leave these tests out.',
    )
  }
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking']
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args })
}

/** A page that keeps what the browser complained about: broken policy, uncaught errors. */
export interface WatchedPage {
  page: Page
  complaints: string[]
}

export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    ...options,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  await page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => console.error('CSP', event.violatedDirective, event.blockedURI, event.sample))`,
  )
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    const isPolicy = /CSP|Content Security Policy/.test(message.text())
    if (isPolicy || message.type() === 'error') complaints.push(message.text())
  })
  return { page, complaints }
}
