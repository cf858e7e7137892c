import type { Config } from '../config.ts'

export type Scrub = (text: string) => string

const HIDDEN = '[hidden]'
/** Shorter ones would be found in every other word. */
const LENGTH_MIN = 6

/** What looks like a credential, whoever's it is. What is kept of it stands in groups. */
const PATTERNS: readonly [RegExp, string][] = [
  [/\b(mst_|sk-|whsec_|xox[a-z]-|xapp-)[\w./+=-]{6,}/g, `$1${HIDDEN}`],
  [/(bot)?\b\d{6,}:[\w-]{30,}/g, HIDDEN],
  [/\b(bearer|basic)( +|%20)[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`],
  [/(:\/\/[^/\s:@"]*):[^/\s@"]+@/g, `$1:${HIDDEN}@`],
  [/([?&](?:token|code|key|secret|password|signature|sig|api_key|access_token)=)[^&\s"\\]+/gi, `$1${HIDDEN}`],
  [/(\/callbacks\/|\/hooks\/)[\w.~-]{8,}/g, `$1${HIDDEN}`],
  [/((?:__Host-)?muster=)[\w.~-]{8,}/g, `$1${HIDDEN}`],
]

/**
 * Takes out of a text what nobody outside may read: the values of secret settings, wherever they stand and however a library
 * has put them into its words, and what looks like a credential.
 */
export function createScrub(config: Config): Scrub {
  const values = secretsOf(config).filter((value) => value.length >= LENGTH_MIN)
  // As it is, as it stands in JSON, and as it stands in an address.
  const forms = values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)])
  const longestFirst = [...new Set(forms)].sort((one, other) => other.length - one.length)
  const known = longestFirst.length > 0 ? new RegExp(longestFirst.map(escaped).join('|'), 'g') : undefined
  return function scrub(text) {
    let clean = known ? text.replace(known, HIDDEN) : text
    for (const [pattern, kept] of PATTERNS) clean = clean.replace(pattern, kept)
    return clean
  }
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

function secretsOf(config: Config): string[] {
  const {
    telegram,
    slack,
    apiKey,
    authSecret,
    masterKeys = [],
    metricsToken,
    sentryDsn,
    databaseUrl,
    modelConnections,
  } = config
  const given = [
    telegram?.token,
    telegram?.webhookSecret,
    slack?.botToken,
    slack?.signingSecret,
    slack?.appToken,
    apiKey,
    authSecret,
    metricsToken,
    sentryDsn && URL.parse(sentryDsn)?.username,
    passwordOf(databaseUrl),
    ...modelConnections.map(({ secret }) => secret),
    ...masterKeys.flatMap(({ bytes }) => [bytes.toString('base64'), bytes.toString('hex')]),
  ]
  return given.flatMap((value) => (value ? [value] : []))
}

function passwordOf(databaseUrl: string): string | undefined {
  const password = URL.parse(databaseUrl)?.password
  return password ? decodeURIComponent(password) : undefined
}
