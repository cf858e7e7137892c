/** What Slack takes in an app's manifest, by its published schema: the parts that are in use here, as facts. */

type Check = (value: unknown, path: string) => string[]

const flag: Check = (value, path) => (typeof value === 'boolean' ? [] : [`${path} is no flag`])

const words =
  (min: number, max: number, pattern = /^/): Check =>
  (value, path) =>
    typeof value === 'string' && value.length >= min && value.length <= max && pattern.test(value)
      ? []
      : [`${path}: ${min} to ${max} characters that fit ${pattern}`]

const listOf =
  (check: Check, min: number, max: number): Check =>
  (value, path) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) return [`${path}: ${min} to ${max} of them`]
    return value.flatMap((one, index) => check(one, `${path}[${index}]`))
  }

const distinct =
  (check: Check): Check =>
  (value, path) =>
    Array.isArray(value) && new Set(value).size < value.length ? [`${path} has something twice`] : check(value, path)

/** Fields that are not named here are refused by Slack, or not in use. */
const object =
  (fields: Record<string, Check>, required: string[] = []): Check =>
  (value, path) => {
    if (typeof value !== 'object' || value === null) return [`${path} is no object`]
    const missing = required.filter((name) => !(name in value)).map((name) => `${path}.${name} is missing`)
    const wrong = Object.entries(value).flatMap(([name, inner]) => {
      const check = fields[name]
      return check ? check(inner, `${path}.${name}`) : [`${path}.${name} is not known`]
    })
    return [...missing, ...wrong]
  }

const oneOf =
  (...allowed: string[]): Check =>
  (value, path) =>
    allowed.includes(String(value)) ? [] : [`${path}: one of ${allowed.join(', ')}`]

const address = words(1, 3000, /^https?:\/\//)

const command = object(
  {
    command: words(2, 32, /^\//),
    description: words(1, 2000),
    usage_hint: words(1, 1000),
    should_escape: flag,
    url: address,
  },
  ['command', 'description'],
)

const shortcut = object(
  {
    name: words(1, 24),
    type: oneOf('global', 'message'),
    callback_id: words(1, 255),
    description: words(1, 150),
  },
  ['name', 'type', 'callback_id', 'description'],
)

const manifest = object(
  {
    display_information: object({ name: words(1, 35), description: words(1, 140) }, ['name']),
    features: object({
      app_home: object({
        home_tab_enabled: flag,
        messages_tab_enabled: flag,
        messages_tab_read_only_enabled: flag,
      }),
      bot_user: object({ display_name: words(1, 80), always_online: flag }, ['display_name']),
      shortcuts: listOf(shortcut, 1, 10),
      slash_commands: listOf(command, 1, 50),
    }),
    oauth_config: object({ scopes: object({ bot: distinct(listOf(words(1, 50), 0, 255)) }) }),
    settings: object({
      event_subscriptions: object({
        request_url: address,
        bot_events: distinct(listOf(words(1, 50), 0, 100)),
      }),
      interactivity: object({ is_enabled: flag, request_url: address }, ['is_enabled']),
      org_deploy_enabled: flag,
      socket_mode_enabled: flag,
      token_rotation_enabled: flag,
    }),
  },
  ['display_information'],
)

/** What Slack would refuse about it. */
export const manifestProblems = (value: unknown): string[] => manifest(value, 'manifest')
