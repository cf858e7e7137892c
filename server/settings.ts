import { z } from 'zod'
import { readMasterKeys } from '#core/connections/keyring.ts'
import { parseUsd } from '#core/money.ts'
import { readAllowed } from '#core/outbound/allow.ts'

const usd = z
  .string()
  .transform((text) => parseUsd(text))
  .refine((micros) => micros !== undefined, 'must be an amount in dollars, like 1.00')
  .transform((micros) => micros ?? 0n)

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https address' })
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional())

const count = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number, ${least} to ${most}`)
    .transform(Number)
    .refine((number) => number >= least && number <= most, `must be a whole number, ${least} to ${most}`)

/** Shorter ones could not be told from words where they are taken out of what providers say. */
const modelKey = z
  .string()
  .regex(/^[\x21-\x7e]{8,8000}$/, 'must be a key of the provider: 8 or more characters without spaces')

const isMailServer = (text: string): boolean => {
  const url = URL.parse(text)
  return url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== ''
}

const isMailbox = (text: string): boolean => {
  const url = URL.parse(text)
  return url !== null && /^imaps?:$/.test(url.protocol) && url.hostname !== '' && url.username !== ''
}

const isDomain = (text: string): boolean =>
  text.length <= 253 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(text)

/** Every setting there is so far, with its default. `.env.example` is tested against it. */
export const settingsSchema = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'must be sqlite:<file> or postgres://…')
    .default('sqlite:./data/muster.db'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port, 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be a port, 0 to 65535')
    .default(3000),
  PUBLIC_URL: optional(httpUrl),
  ACCESS: z.enum(['open', 'invite']).default('invite'),
  WELCOME_CREDIT_USD: usd.default(1_000_000n),
  CONFIRM_ABOVE_USD: usd.default(500_000n),
  TELEGRAM_BOT_TOKEN: optional(z.string().regex(/^\d+:[\w-]{20,}$/, 'must be the token @BotFather gave: 123456:ABC…')),
  TELEGRAM_MODE: z.enum(['polling', 'webhook']).default('polling'),
  TELEGRAM_WEBHOOK_SECRET: optional(z.string().regex(/^[\w-]{12,256}$/, 'must be 12 to 256 of A-Z a-z 0-9 _ -')),
  TELEGRAM_API_ROOT: httpUrl.default('https://api.telegram.org'),
  SLACK_BOT_TOKEN: optional(z.string().startsWith('xoxb-', 'must be the bot token: xoxb-…')),
  SLACK_SIGNING_SECRET: optional(z.string().min(8)),
  SLACK_APP_TOKEN: optional(z.string().startsWith('xapp-', 'must be the app-level token: xapp-…')),
  SLACK_MODE: z.enum(['socket', 'http']).default('socket'),
  SLACK_API_URL: httpUrl.default('https://slack.com/api/'),
  MAX_RUNS_AT_ONCE: optional(count(1, 100_000)),
  MAX_RUNS_AT_ONCE_PER_CONTEXT: count(1, 100_000).default(64),
  REQUESTS_PER_MINUTE: count(1, 10_000_000).default(30_000),
  REQUESTS_PER_MINUTE_PER_ADDRESS: count(1, 10_000_000).default(1_000),
  TRUSTED_PROXIES: count(0, 10).default(0),
  LEASE_MS: count(1_000, 600_000).default(30_000),
  MUSTER_API_KEY: optional(z.string().startsWith('mst_', 'must be an API key: mst_…')),
  EMAIL_SMTP_URL: optional(
    z
      .string()
      .refine(isMailServer, 'must be a mail server: smtps://user:password@host or smtp://user:password@host:587'),
  ),
  EMAIL_FROM: optional(
    z.string().regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, 'must be a sender: Muster <muster@example.org>'),
  ),
  EMAIL_IMAP_URL: optional(
    z.string().refine(isMailbox, 'must be a mailbox: imaps://user:password@host or imap://user:password@host:143'),
  ),
  EMAIL_RELAY_SECRET: optional(z.string().min(24, 'must have at least 24 characters')),
  EMAIL_TRUSTED_SEALERS: optional(
    z
      .string()
      .transform((list) => list.split(',').flatMap((entry) => entry.trim().toLowerCase() || []))
      .refine(
        (domains) => domains.every(isDomain),
        'must be domains, separated by commas: example.org,lists.example.net',
      ),
  ),
  GOOGLE_CLIENT_ID: optional(z.string().min(8)),
  GOOGLE_CLIENT_SECRET: optional(z.string().min(8)),
  GOOGLE_ISSUER: httpUrl.default('https://accounts.google.com'),
  AUTH_SECRET: optional(z.string().min(32, 'must have at least 32 characters')),
  MUSTER_KEK: optional(
    z
      .string()
      .refine((text) => readMasterKeys(text), 'must be 32 bytes in base64, like openssl rand -base64 32 makes them')
      .transform((text) => readMasterKeys(text) ?? []),
  ),
  MUSTER_KEK_FILE: optional(z.string()),
  OUTBOUND_ALLOW: optional(
    z
      .string()
      .transform((list) => list.split(',').flatMap((entry) => entry.trim() || []))
      .refine(
        (entries) => entries.every(readAllowed),
        'must be hosts with or without a port: crm.internal:8080, 10.0.0.5',
      ),
  ),
  OPENAI_API_KEY: optional(modelKey),
  OPENAI_BASE_URL: optional(httpUrl),
  ANTHROPIC_API_KEY: optional(modelKey),
  GOOGLE_GENERATIVE_AI_API_KEY: optional(modelKey),
  METRICS_TOKEN: optional(z.string().regex(/^[\x21-\x7e]{16,256}$/, 'must be 16 to 256 visible ASCII characters')),
  DRAIN_MS: count(0, 6_000).default(0),
  SENTRY_DSN: optional(z.url({ protocol: /^https?$/, error: 'must be the DSN of a Sentry project: https://…' })),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(httpUrl),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
})

export type Settings = z.infer<typeof settingsSchema>
