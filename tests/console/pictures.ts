/**
 * `node tests/console/pictures.ts`: takes the pictures of the documents anew, from the real program in a real browser.
 * `node tests/console/pictures.ts <folder>` puts every scene there, light and dark, at a desk and on a phone.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startApp } from '#tests/e2e/support/app.ts'
import { type Client, client } from '#tests/e2e/support/client.ts'
import { launchBrowser } from './browser.ts'
import { buildConsole } from './build.ts'
import { Desk } from './desk.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const [folder] = process.argv.slice(2)

const DESK = { width: 960, height: 760 }
const PHONE = { width: 390, height: 780 }

/** The pictures in the documents. */
const SHOWN: Record<string, { name: string; scheme: 'light' | 'dark'; size: typeof DESK }> = {
  form: { name: 'chat-form', scheme: 'light', size: { width: 960, height: 800 } },
  result: { name: 'chat-result', scheme: 'dark', size: { width: 960, height: 640 } },
  run: { name: 'run-page', scheme: 'light', size: { width: 960, height: 900 } },
  review: { name: 'chat-review', scheme: 'light', size: PHONE },
}

const ANNOUNCEMENT = {
  jobId: 'announcement',
  displayName: 'Announcement',
  description: 'Writes an announcement that the team lead approves.',
  inputSchema: {
    type: 'object',
    required: ['headline', 'audience'],
    properties: {
      headline: { type: 'string', description: 'What it says in one line' },
      audience: { type: 'string', title: 'For', enum: ['customers', 'press', 'everybody'] },
      body: { type: 'string', format: 'textarea', default: 'To be written.' },
      words: { type: 'integer', default: 300, title: 'Length in words' },
      urgent: { type: 'boolean', default: false, description: 'Goes out before the others' },
    },
  },
  steps: [
    {
      stepId: 'write',
      displayName: 'Write it',
      toolId: 'docs.format',
      inputMappings: {
        language: { value: 'markdown' },
        text: { template: '## {{ input.headline }}\n\n*For {{ input.audience }}.*\n\n{{ input.body }}' },
      },
    },
  ],
  outputs: { text: { step: 'write', output: 'text' } },
  review: { kind: 'decide', prompt: 'May this go out?', approvers: { roles: ['owner'] }, selfApproval: false },
}

const app = await startApp('sqlite')
const browser = await launchBrowser()
buildConsole()
const ada = await Desk.open(browser, { viewport: DESK })
const grace = await Desk.open(browser, { viewport: DESK })
try {
  await tell()
} finally {
  await browser.close()
  await app.end()
}

async function tell(): Promise<void> {
  await ada.page.goto(`${app.url}/claim?code=${app.claimCode}`)
  await ada.introduce('Ada Lovelace')
  await take(ada, 'welcome')
  const api = await apiOf(ada)
  await ada.say('/createteam Acme')
  await ada.press('Invite somebody')
  const link = (await ada.hear('An invitation to Acme')).getByRole('link', { name: '/join/' })
  await grace.page.goto((await link.getAttribute('href')) ?? '')
  await grace.introduce('Grace Hopper')
  const [team] = (await api.call('GET', '/v1/teams')).body.items
  const money = { amountUsd: '25', reason: 'To begin with' }
  await api.call('POST', `/v1/teams/${team.id}/economy/credit`, { json: money, once: 'money' })
  for (const desk of [ada, grace]) {
    await desk.say('/setcontext team Acme')
    await desk.hear('Team Acme pays')
  }
  await ada.say('/balance')
  await ada.hear('Available')
  await api.call('POST', '/v1/jobs', { json: ANNOUNCEMENT })
  await grace.say('/release_notes\nb2c3d4e feat: forms in the chat\nc3d4e5f fix: cards keep their place on phones')
  await grace.hear('Cards keep their place')
  await grace.hear('cost $')
  await take(grace, 'result')
  await takeRun(grace)
  await grace.say('/announcement')
  await grace.fill('headline', 'Forms in every chat')
  await grace.form.getByRole('radio', { name: 'customers' }).check()
  await take(grace, 'form')
  await grace.fill('headline', '')
  await grace.submit()
  await grace.form.getByText('This is needed.').waitFor()
  await take(grace, 'problems')
  await grace.fill('headline', 'Forms in every chat')
  await grace.fill('body', 'Start a job with one word. What it still needs, it asks for.')
  await grace.submit()
  await grace.hear('Waits for @ada-lovelace')
  await take(grace, 'waiting')
  await ada.hear('May this go out?')
  await take(ada, 'review')
  await ada.press('Approve')
  await grace.hear('@ada-lovelace approved this')
  await take(grace, 'approved')
  await api.call('PUT', `/v1/teams/${team.id}/limits`, { json: { monthlySpendCapUsd: '0.003' } })
  await grace.say('/doc_check # A page')
  await grace.hear('There is no room for this')
  await take(grace, 'no-room')
  await grace.press('Ask for more')
  await ada.hear('asks for')
  await take(ada, 'asked')
  await ada.say('/statement')
  await ada.hear('Balance')
  await take(ada, 'statement')
  await ada.say('/help')
  await ada.hear('Who pays')
  await take(ada, 'help')
}

/** From its card to the page of a run, to the list of them, and back. */
async function takeRun(desk: Desk): Promise<void> {
  const { page } = desk
  await (await desk.hear('cost $')).getByRole('link', { name: 'Open in console' }).click()
  await page.getByTestId('run-log').waitFor()
  await take(desk, 'run')
  await page.getByTestId('nav-runs').click()
  await page.getByTestId('run-row').first().waitFor()
  await take(desk, 'runs')
  await page.getByTestId('nav-chat').click()
  await page.getByTestId('composer').waitFor()
}

async function apiOf({ page }: Desk): Promise<Client> {
  const [cookie] = await page.context().cookies()
  return client(app.url, { cookie: `${cookie?.name}=${cookie?.value}` })
}

async function take({ page }: Desk, scene: string): Promise<void> {
  const shown = SHOWN[scene]
  if (folder) mkdirSync(folder, { recursive: true })
  const wanted = folder
    ? (['light', 'dark'] as const).flatMap((scheme) =>
        [DESK, PHONE].map((size) => ({ name: `${scene}-${size.width}-${scheme}`, scheme, size })),
      )
    : shown
      ? [shown]
      : []
  for (const { name, scheme, size } of wanted) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await page.setViewportSize(size)
    // What is typed blinks.
    await page.evaluate('document.activeElement?.blur()')
    await page.waitForTimeout(400)
    const path = folder ? join(folder, `${name}.png`) : join(ROOT, 'docs', 'images', `${name}.png`)
    await page.screenshot({ path, caret: 'hide' })
  }
  await page.setViewportSize(DESK)
}
