import type { Browser, Locator, Page } from 'playwright-core'
import type { Cost } from '#tests/e2e/support/flow-costs.ts'
import { openPage, type WatchedPage } from './browser.ts'

/** Somebody at the console in a browser of their own: looks, clicks, and types words. */
export class Desk {
  readonly page: Page
  readonly complaints: string[]
  /** What was done since the last `reset`: messages written, and clicks; a form that is sent counts as one. */
  count: Cost = { said: 0, tapped: 0 }

  constructor({ page, complaints }: WatchedPage) {
    this.page = page
    this.complaints = complaints
  }

  static async open(browser: Browser, options: Parameters<typeof openPage>[1] = {}): Promise<Desk> {
    const watched = await openPage(browser, { reducedMotion: 'reduce', ...options })
    watched.page.setDefaultTimeout(40_000)
    return new Desk(watched)
  }

  /** Fills in who they are, on the page of a code that lets them in. */
  async introduce(name: string): Promise<void> {
    await this.page.getByTestId('display-name').fill(name)
    await this.page.getByTestId('claim-submit').click()
    await this.page.getByTestId('chat').waitFor()
  }

  async say(text: string): Promise<void> {
    await this.page.getByTestId('composer').fill(text)
    await this.send()
  }

  reset(): void {
    this.count = { said: 0, tapped: 0 }
  }

  async tap(where: Locator): Promise<void> {
    this.count.tapped++
    await where.click()
  }

  /** Sends what is written. */
  async send(): Promise<void> {
    this.count.said++
    await this.page.getByTestId('send').click()
  }

  /** The newest message of the bot that has this in it; waited for. */
  async hear(text: string | RegExp): Promise<Locator> {
    const message = this.page.getByTestId('message-bot').filter({ hasText: text }).last()
    await message.waitFor()
    return message
  }

  /** Presses a button of this message, else of the newest that has it. */
  async press(label: string, message?: Locator): Promise<void> {
    await this.tap((message ?? this.page).getByTestId('press').filter({ hasText: label }).last())
  }

  /** Says yes to what a button asks first. */
  async agree(): Promise<void> {
    await this.tap(this.page.getByTestId('confirm-yes').last())
  }

  get form(): Locator {
    return this.page.getByTestId('form').last()
  }

  async fill(name: string, value: string): Promise<void> {
    await this.form.getByTestId(`field-${name}`).fill(value)
  }

  async submit(): Promise<void> {
    await this.tap(this.form.getByTestId('form-submit'))
  }

  async end(): Promise<void> {
    await this.page.context().close()
  }
}
