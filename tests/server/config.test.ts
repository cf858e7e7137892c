import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '#server/config.ts'
import { settingsSchema } from '#server/settings.ts'

const problemsOf = (environment: Record<string, string>): string => {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return ''
}

const namesIn = (message: string): string[] =>
  [...message.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name).sort()

test('with nothing set, everything has its documented default', () => {
  expect(readConfig({})).toEqual({
    databaseUrl: 'sqlite:./data/muster.db',
    host: '127.0.0.1',
    port: 3000,
    publicUrl: 'http://127.0.0.1:3000',
    access: 'invite',
    welcomeCreditMicros: 1_000_000n,
    confirmAboveMicros: 500_000n,
    outboundAllow: [],
    modelConnections: [],
    requestsPerMinute: { perKey: 30_000, perAddress: 1_000 },
    runsAtOnce: { instance: null, perContext: 64 },
    leaseMs: 30_000,
    drainMs: 0,
    trustedProxies: 0,
    logLevel: 'info',
  })
})

test('an empty setting is the same as none', () => {
  const empty = Object.fromEntries(Object.keys(settingsSchema.shape).map((name) => [name, '']))
  expect(readConfig(empty)).toEqual(readConfig({}))
})

test('settings cannot be changed once they are read', () => {
  expect(Object.isFrozen(readConfig({}))).toBe(true)
})

describe('a wrong setting', () => {
  const wrong: Record<string, string> = {
    DATABASE_URL: 'mysql://root:geheim@db/app',
    PORT: '70000',
    PUBLIC_URL: 'ftp://geheim.example',
    ACCESS: 'geheim',
    WELCOME_CREDIT_USD: 'geheim',
    CONFIRM_ABOVE_USD: '1,50 geheim',
    TELEGRAM_BOT_TOKEN: 'geheim',
    TELEGRAM_MODE: 'geheim',
    TELEGRAM_WEBHOOK_SECRET: 'geheim!',
    TELEGRAM_API_ROOT: 'geheim',
    SLACK_BOT_TOKEN: 'geheim',
    SLACK_SIGNING_SECRET: 'geheim',
    SLACK_APP_TOKEN: 'geheim',
    SLACK_MODE: 'geheim',
    SLACK_API_URL: 'geheim',
    AUTH_SECRET: 'geheim',
    MUSTER_KEK: 'geheim',
    OUTBOUND_ALLOW: 'fine.example, http://geheim',
    OPENAI_API_KEY: 'geheim',
    ANTHROPIC_API_KEY: 'mit geheim',
    GOOGLE_GENERATIVE_AI_API_KEY: 'geheim',
    METRICS_TOKEN: 'geheim',
    DRAIN_MS: '60000 geheim',
    SENTRY_DSN: 'geheim',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'geheim',
    LOG_LEVEL: 'geheim',
  }

  test.each(Object.entries(wrong))('%s is named, and its value is not shown', (name, value) => {
    // With its companion in place, so that nothing but this one is wrong.
    const message = problemsOf({ SLACK_APP_TOKEN: 'xapp-1', [name]: value })
    expect(namesIn(message)).toEqual([name])
    expect(message).not.toContain('geheim')
  })

  test('comes with every other wrong one in one message', () => {
    const message = problemsOf(wrong)
    expect(namesIn(message)).toEqual(Object.keys(wrong).sort())
    expect(message).not.toContain('geheim')
  })

  test.each(['', 'abc', '-1', '3000.5', '0x10z'])('PORT=%j', (value) => {
    expect(problemsOf({ PORT: value }) === '').toBe(value === '')
  })
})

describe('settings that need each other', () => {
  const token = `123456:${'A'.repeat(35)}`

  test('a Telegram webhook needs a secret and an address', () => {
    const message = problemsOf({ TELEGRAM_BOT_TOKEN: token, TELEGRAM_MODE: 'webhook' })
    expect(namesIn(message)).toEqual(['PUBLIC_URL', 'TELEGRAM_WEBHOOK_SECRET'])
    expect(message).not.toContain(token)
  })

  test('what is missing beside a wrong one is told in the same message', () => {
    expect(namesIn(problemsOf({ SLACK_BOT_TOKEN: 'geheim' }))).toEqual(['SLACK_APP_TOKEN', 'SLACK_BOT_TOKEN'])
  })

  test('a Slack socket needs the app token, Slack over http the signing secret', () => {
    expect(namesIn(problemsOf({ SLACK_BOT_TOKEN: 'xoxb-1' }))).toEqual(['SLACK_APP_TOKEN'])
    expect(namesIn(problemsOf({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_MODE: 'http' }))).toEqual(['SLACK_SIGNING_SECRET'])
  })

  test('both channels set up', () => {
    const config = readConfig({
      TELEGRAM_BOT_TOKEN: token,
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_APP_TOKEN: 'xapp-1',
      PUBLIC_URL: 'https://muster.example/',
    })
    expect(config).toMatchObject({
      publicUrl: 'https://muster.example',
      telegram: { token, mode: 'polling', apiRoot: 'https://api.telegram.org' },
      slack: { botToken: 'xoxb-1', appToken: 'xapp-1', mode: 'socket', apiUrl: 'https://slack.com/api/' },
    })
  })
})

describe('.env.example', () => {
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')
  const example = parseEnv(text)

  test('has every setting there is, and no other', () => {
    expect(Object.keys(example).sort()).toEqual(Object.keys(settingsSchema.shape).sort())
  })

  test('says the defaults', () => {
    expect(readConfig(example)).toEqual(readConfig({}))
    const defaults = settingsSchema.parse({})
    const withDefault = Object.entries(defaults).filter(([, value]) => value !== undefined)
    expect(withDefault.filter(([name]) => example[name] === '')).toEqual([])
  })

  test('explains each setting on the line above', () => {
    const lines = text.split('\n')
    const bare = lines.filter((line, index) => /^[A-Z_]+=/.test(line) && !lines[index - 1]?.startsWith('# '))
    expect(bare).toEqual([])
  })
})

test('keys of providers are connections of the instance, with or without a proxy', () => {
  const { modelConnections } = readConfig({
    OPENAI_API_KEY: 'sk-0123456789',
    OPENAI_BASE_URL: 'https://proxy.example/v1/',
    ANTHROPIC_API_KEY: 'sk-ant-0123456789',
    GOOGLE_GENERATIVE_AI_API_KEY: 'AIza0123456789',
  })
  expect(modelConnections).toEqual([
    { id: 'env-openai', provider: 'openai', secret: 'sk-0123456789', baseUrl: 'https://proxy.example/v1' },
    {
      id: 'env-anthropic',
      provider: 'anthropic',
      secret: 'sk-ant-0123456789',
      baseUrl: 'https://api.anthropic.com/v1',
    },
    {
      id: 'env-google',
      provider: 'google',
      secret: 'AIza0123456789',
      baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    },
  ])
})
