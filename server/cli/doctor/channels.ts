import type { Config } from '../../config.ts'
import { attempt, type Check, fail, ok } from './check.ts'

const TIMEOUT_MS = 8_000

type Telegram = NonNullable<Config['telegram']>
type Slack = NonNullable<Config['slack']>

/** Asks each platform that is set up who we are to it: a wrong token shows here and not in the first lost message. */
export async function checkChannels({ telegram, slack, email }: Config): Promise<Check[]> {
  const checks: Promise<Check>[] = []
  if (telegram) {
    checks.push(attempt('Telegram', reachable(telegram.apiRoot), () => checkTelegram(telegram)))
  }
  if (slack) {
    checks.push(attempt('Slack', reachable(slack.apiUrl), () => checkSlack(slack)))
    const { appToken } = slack
    if (slack.mode === 'socket' && appToken) {
      checks.push(attempt('Slack socket', reachable(slack.apiUrl), () => checkSocket(slack, appToken)))
    }
  }
  if (checks.length === 0 && !email)
    return [ok('Channels', 'the web chat alone; TELEGRAM_, SLACK_ and EMAIL_ settings add more')]
  return Promise.all(checks)
}

const reachable = (url: string): string => `Can this machine reach ${new URL(url).host}?`

async function checkTelegram({ token, apiRoot, mode }: Telegram): Promise<Check> {
  const answer = await ask(`${apiRoot}/bot${token}/getMe`, {})
  const me = answer.result as { username?: string } | undefined
  if (answer.ok === true) return ok('Telegram', `@${me?.username ?? 'unnamed'}, ${mode}`)
  return fail(
    'Telegram',
    reasonOf(answer, 'description'),
    'Put the token that @BotFather gave into TELEGRAM_BOT_TOKEN.',
  )
}

async function checkSlack({ botToken, apiUrl, mode }: Slack): Promise<Check> {
  const answer = await ask(new URL('auth.test', apiUrl).href, { authorization: `Bearer ${botToken}` })
  if (answer.ok === true) return ok('Slack', `${answer.user ?? 'bot'} in ${answer.team ?? 'a workspace'}, ${mode}`)
  return fail('Slack', reasonOf(answer, 'error'), 'Put the bot token of the installed app into SLACK_BOT_TOKEN.')
}

async function checkSocket({ apiUrl }: Slack, appToken: string): Promise<Check> {
  const url = new URL('apps.connections.open', apiUrl).href
  const answer = await ask(url, { authorization: `Bearer ${appToken}` })
  if (answer.ok === true) return ok('Slack socket', 'opens')
  return fail(
    'Slack socket',
    reasonOf(answer, 'error'),
    'Put an app-level token with connections:write into SLACK_APP_TOKEN.',
  )
}

async function ask(url: string, headers: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', headers, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    (error: Error) => {
      // What fetch throws names the address, and on Telegram the token is part of it.
      const { code } = (error.cause ?? {}) as { code?: string }
      throw new Error(error.name === 'TimeoutError' ? 'no answer in 8 s' : `cannot be reached (${code ?? error.name})`)
    },
  )
  const body: unknown = await response.json().catch(() => ({}))
  return { status: response.status, ...(body as object) }
}

const reasonOf = (answer: Record<string, unknown>, key: string): string =>
  `refused: ${String(answer[key] ?? `HTTP ${answer.status}`)}`
