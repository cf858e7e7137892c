import { KINDS } from '#core/connections/connection.ts'
import type { MasterKey } from '#core/connections/keyring.ts'
import type { EnvironmentConnection } from '#core/models/connections.ts'
import { type Settings, settingsSchema } from './settings.ts'

export interface Config {
  databaseUrl: string
  host: string
  port: number
  publicUrl: string
  access: 'open' | 'invite'
  welcomeCreditMicros: bigint
  confirmAboveMicros: bigint
  /** Runs that are worked on at the same time; null for as many as the processes hold. */
  runsAtOnce: { instance: number | null; perContext: number }
  /** Requests to the API: for each key, and for each address from which somebody asks without one that works. */
  requestsPerMinute: { perKey: number; perAddress: number }
  /** How many proxies stand in front, each of which writes down whom it got the request from. */
  trustedProxies: number
  /** How long a worker or a poller that gave no sign of life keeps what it holds. */
  leaseMs: number
  telegram?: {
    token: string
    mode: 'polling' | 'webhook'
    webhookSecret?: string
    apiRoot: string
  }
  slack?: {
    botToken: string
    signingSecret?: string
    appToken?: string
    mode: 'socket' | 'http'
    apiUrl: string
  }
  /** Undefined: no mail is sent. */
  mail?: { url: string; from: string }
  /** How mail comes in; undefined: it does not. */
  email?: { imapUrl?: string; relaySecret?: string; trustedSealers?: string[] }
  /** Undefined: nobody signs in with Google. */
  google?: { issuer: string; clientId: string; clientSecret: string }
  /** With which `muster worker` and `muster mcp` ask a server. */
  apiKey?: string
  /** Undefined: a file in the data folder has it. */
  authSecret?: string
  /** What stored secrets are encrypted with, the current one first. Undefined: a file has them. */
  masterKeys?: MasterKey[]
  /** Undefined: one in the data folder. */
  masterKeyFile?: string
  outboundAllow: string[]
  /** Keys of providers of models that every context may use. */
  modelConnections: EnvironmentConnection[]
  /** With which `/metrics` may be read from another machine. */
  metricsToken?: string
  /** How long a process that stops goes on answering, so that a balancer sees in time that it does. */
  drainMs: number
  /** Where errors are reported to. */
  sentryDsn?: string
  /** Where spans of requests, runs and steps go. */
  otlpEndpoint?: string
  logLevel: Settings['LOG_LEVEL']
}

/** What is wrong with the settings, all of it at once. Names settings, never their values. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`These settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

/** The settings of this process; a `.env` file in the working directory fills what the environment leaves open. */
export function readConfig(environment: Record<string, string | undefined> = processEnvironment()): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = settingsSchema.safeParse(given)
  const alone = parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
  const problems = [...alone, ...wrongTogether(given)]
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(configOf(parsed.data))
}

function processEnvironment(): Record<string, string | undefined> {
  try {
    process.loadEnvFile()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return process.env
}

/** What programs of others are run with: where they are, and none of our settings. */
export function toolEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '', LANG = 'C.UTF-8', TMPDIR } = process.env
  return { PATH, HOME, LANG, ...(TMPDIR ? { TMPDIR } : {}) }
}

/** Whether `npm start` or another npm script began this process. */
export const isStartedByNpm = (): boolean => process.env.npm_lifecycle_event !== undefined

/** Settings that are fine alone and not together. */
function wrongTogether(settings: Record<string, string | undefined>): string[] {
  const problems: string[] = []
  const needs = (isMissing: boolean, problem: string): void => {
    if (isMissing) problems.push(problem)
  }
  if (settings.TELEGRAM_BOT_TOKEN && settings.TELEGRAM_MODE === 'webhook') {
    needs(!settings.TELEGRAM_WEBHOOK_SECRET, 'TELEGRAM_WEBHOOK_SECRET: is needed with TELEGRAM_MODE=webhook')
    needs(!settings.PUBLIC_URL, 'PUBLIC_URL: is needed with TELEGRAM_MODE=webhook, so that Telegram finds this server')
  }
  needs(
    Boolean(settings.MUSTER_KEK && settings.MUSTER_KEK_FILE),
    'MUSTER_KEK_FILE: leave it or MUSTER_KEK out; the keys come from one of them',
  )
  const together = (one: string, other: string): void =>
    needs(Boolean(settings[one]) && !settings[other], `${other}: is needed with ${one}`)
  together('EMAIL_SMTP_URL', 'EMAIL_FROM')
  together('EMAIL_IMAP_URL', 'EMAIL_SMTP_URL')
  together('EMAIL_RELAY_SECRET', 'EMAIL_SMTP_URL')
  together('OPENAI_BASE_URL', 'OPENAI_API_KEY')
  together('GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET')
  together('GOOGLE_CLIENT_SECRET', 'GOOGLE_CLIENT_ID')
  if (settings.SLACK_BOT_TOKEN) {
    const mode = settings.SLACK_MODE ?? 'socket'
    needs(mode === 'socket' && !settings.SLACK_APP_TOKEN, 'SLACK_APP_TOKEN: is needed with SLACK_MODE=socket')
    needs(mode === 'http' && !settings.SLACK_SIGNING_SECRET, 'SLACK_SIGNING_SECRET: is needed with SLACK_MODE=http')
  }
  return problems
}

function configOf(settings: Settings): Config {
  return {
    databaseUrl: settings.DATABASE_URL,
    host: settings.HOST,
    port: settings.PORT,
    publicUrl: (settings.PUBLIC_URL ?? `http://${settings.HOST}:${settings.PORT}`).replace(/\/+$/, ''),
    access: settings.ACCESS,
    welcomeCreditMicros: settings.WELCOME_CREDIT_USD,
    confirmAboveMicros: settings.CONFIRM_ABOVE_USD,
    runsAtOnce: { instance: settings.MAX_RUNS_AT_ONCE ?? null, perContext: settings.MAX_RUNS_AT_ONCE_PER_CONTEXT },
    requestsPerMinute: { perKey: settings.REQUESTS_PER_MINUTE, perAddress: settings.REQUESTS_PER_MINUTE_PER_ADDRESS },
    trustedProxies: settings.TRUSTED_PROXIES,
    leaseMs: settings.LEASE_MS,
    outboundAllow: settings.OUTBOUND_ALLOW ?? [],
    modelConnections: modelConnectionsOf(settings),
    logLevel: settings.LOG_LEVEL,
    drainMs: settings.DRAIN_MS,
    ...(settings.METRICS_TOKEN ? { metricsToken: settings.METRICS_TOKEN } : {}),
    ...(settings.SENTRY_DSN ? { sentryDsn: settings.SENTRY_DSN } : {}),
    ...(settings.OTEL_EXPORTER_OTLP_ENDPOINT
      ? { otlpEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/+$/, '') }
      : {}),
    ...(settings.MUSTER_API_KEY ? { apiKey: settings.MUSTER_API_KEY } : {}),
    ...(settings.MUSTER_KEK ? { masterKeys: settings.MUSTER_KEK } : {}),
    ...(settings.MUSTER_KEK_FILE ? { masterKeyFile: settings.MUSTER_KEK_FILE } : {}),
    ...(settings.EMAIL_SMTP_URL && settings.EMAIL_FROM
      ? { mail: { url: settings.EMAIL_SMTP_URL, from: settings.EMAIL_FROM } }
      : {}),
    ...(settings.EMAIL_IMAP_URL || settings.EMAIL_RELAY_SECRET
      ? {
          email: {
            ...(settings.EMAIL_IMAP_URL ? { imapUrl: settings.EMAIL_IMAP_URL } : {}),
            ...(settings.EMAIL_RELAY_SECRET ? { relaySecret: settings.EMAIL_RELAY_SECRET } : {}),
            ...(settings.EMAIL_TRUSTED_SEALERS ? { trustedSealers: settings.EMAIL_TRUSTED_SEALERS } : {}),
          },
        }
      : {}),
    ...(settings.GOOGLE_CLIENT_ID && settings.GOOGLE_CLIENT_SECRET
      ? {
          google: {
            issuer: settings.GOOGLE_ISSUER.replace(/\/+$/, ''),
            clientId: settings.GOOGLE_CLIENT_ID,
            clientSecret: settings.GOOGLE_CLIENT_SECRET,
          },
        }
      : {}),
    ...(settings.AUTH_SECRET ? { authSecret: settings.AUTH_SECRET } : {}),
    ...(settings.TELEGRAM_BOT_TOKEN ? { telegram: telegramOf(settings, settings.TELEGRAM_BOT_TOKEN) } : {}),
    ...(settings.SLACK_BOT_TOKEN ? { slack: slackOf(settings, settings.SLACK_BOT_TOKEN) } : {}),
  }
}

function modelConnectionsOf(settings: Settings): EnvironmentConnection[] {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, ANTHROPIC_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY } = settings
  const given = [
    { provider: 'openai', secret: OPENAI_API_KEY, baseUrl: OPENAI_BASE_URL },
    { provider: 'anthropic', secret: ANTHROPIC_API_KEY, baseUrl: undefined },
    { provider: 'google', secret: GOOGLE_GENERATIVE_AI_API_KEY, baseUrl: undefined },
  ] as const
  return given.flatMap(({ provider, secret, baseUrl = KINDS[provider].baseUrl ?? '' }) =>
    secret === undefined ? [] : [{ id: `env-${provider}`, provider, secret, baseUrl: baseUrl.replace(/\/+$/, '') }],
  )
}

const telegramOf = (settings: Settings, token: string): NonNullable<Config['telegram']> => ({
  token,
  mode: settings.TELEGRAM_MODE,
  apiRoot: settings.TELEGRAM_API_ROOT.replace(/\/+$/, ''),
  ...(settings.TELEGRAM_WEBHOOK_SECRET ? { webhookSecret: settings.TELEGRAM_WEBHOOK_SECRET } : {}),
})

const slackOf = (settings: Settings, botToken: string): NonNullable<Config['slack']> => ({
  botToken,
  mode: settings.SLACK_MODE,
  apiUrl: settings.SLACK_API_URL,
  ...(settings.SLACK_SIGNING_SECRET ? { signingSecret: settings.SLACK_SIGNING_SECRET } : {}),
  ...(settings.SLACK_APP_TOKEN ? { appToken: settings.SLACK_APP_TOKEN } : {}),
})
