import type { Browser, Locator, Page } from 'playwright-core'
import { openPage, type WatchedPage } from './browser.ts'

/** Somebody at the console in a browser of their own: looks, clicks, and types words. */
export class Desk {
  readonly page: Page
  readonly complaints: string[]

  constructor({ page, complaints }: WatchedPage) {
    this.page = page
    this.complaints = complaints
  }

  static async open(browser: Browser, options: Parameters<typeof openPage>[1] = {}): Promise<Desk> {
    const watched = await openPage(browser, { reducedMotion: 'reduce', ...options })
    watched.page.setDefaultTimeout(15_000)
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

  async send(): Promise<void> {
    await this.page.getByTestId('send').click()
  }

  /** The newest message of the bot that has this in it; waited for. */
  async hear(text: string | RegExp): Promise<Locator> {
    const message = this.page.getByTestId('message-bot').filter({ hasText: text }).last()
    await message.waitFor()
    return message
  }

  /** Presses a button of the newest message that has it. */
  async press(label: string): Promise<void> {
    await this.page.getByTestId('press').filter({ hasText: label }).last().click()
  }

  get form(): Locator {
    return this.page.getByTestId('form').last()
  }

  async fill(name: string, value: string): Promise<void> {
    await this.form.getByTestId(`field-${name}`).fill(value)
  }

  async submit(): Promise<void> {
    await this.form.getByTestId('form-submit').click()
  }

  async end(): Promise<void> {
    await this.page.context().close()
  }
}
