import { RUN_JOB, RUN_ON_MESSAGE } from './shortcuts.ts'

export interface ManifestOptions {
  /** How the bot is called in Slack. */
  name: string
  /** Where Slack reaches the server in HTTP mode, without a path. */
  publicUrl: string
  mode: 'socket' | 'http'
  jobs: { command: string; description: string }[]
}

/** Slack's app manifest, as far as it is used here. */
export interface SlackManifest {
  display_information: { name: string; description: string }
  features: {
    app_home: { home_tab_enabled: boolean; messages_tab_enabled: boolean; messages_tab_read_only_enabled: boolean }
    bot_user: { display_name: string; always_online: boolean }
    shortcuts: { name: string; type: 'global' | 'message'; callback_id: string; description: string }[]
    slash_commands: SlashCommand[]
  }
  oauth_config: { scopes: { bot: string[] } }
  settings: {
    event_subscriptions: { request_url?: string; bot_events: string[] }
    interactivity: { is_enabled: boolean; request_url?: string }
    org_deploy_enabled: boolean
    socket_mode_enabled: boolean
    token_rotation_enabled: boolean
  }
}

interface SlashCommand {
  command: string
  description: string
  usage_hint?: string
  should_escape: boolean
  url?: string
}

const COMMANDS_MAX = 50
const COMMAND = /^\/[a-z0-9_-]{1,31}$/
const NAME_MAX = 35
const DESCRIPTION_MAX = 100
/** Slack keeps these for itself. */
const TAKEN = new Set(
  ['away', 'active', 'archive', 'call', 'collapse', 'dm', 'dnd', 'expand', 'feed', 'invite', 'join', 'keys', 'leave']
    .concat(['me', 'msg', 'mute', 'open', 'part', 'prefs', 'remind', 'remove', 'rename', 'search', 'shortcuts'])
    .concat(['shrug', 'star', 'status', 'todo', 'topic', 'who'])
    .map((name) => `/${name}`),
)

/** Slack takes 24 characters for a name, 150 for what it says of it. */
const SHORTCUTS: SlackManifest['features']['shortcuts'] = [
  { name: 'Run a job', type: 'global', callback_id: RUN_JOB, description: 'Choose a job and fill in what it needs' },
  {
    name: 'Run on this message',
    type: 'message',
    callback_id: RUN_ON_MESSAGE,
    description: 'Choose a job that works on what is written here',
  },
]

/** What the bot may do, each for a reason that stands beside it. */
const SCOPES = [
  'app_mentions:read',
  // What a thread answers: its first message, where the bot is mentioned in it.
  'channels:history',
  'groups:history',
  'chat:write',
  // Public answers in public channels that nobody invited the bot to.
  'chat:write.public',
  'commands',
  'files:read',
  'files:write',
  'im:history',
  'im:read',
  // Private answers to people who wrote from a channel.
  'im:write',
  // Names: events carry none.
  'users:read',
]

/**
 * The manifest to paste into Slack's app settings: `/muster`, and one slash command per job while there is room.
 * Jobs whose names Slack keeps for itself, or could not take, are left to `/muster run`.
 */
export function slackManifest({ name, publicUrl, mode, jobs }: ManifestOptions): SlackManifest {
  const requestUrl = mode === 'http' ? new URL('/webhooks/slack', publicUrl).href : undefined
  const own = { command: '/muster', description: 'Run jobs, see balances, answer reviews', usage_hint: 'help' }
  const seen = new Set([own.command])
  const perJob = jobs
    .map(({ command, description }) => ({ command: command.startsWith('/') ? command : `/${command}`, description }))
    .filter(({ command }) => COMMAND.test(command) && !TAKEN.has(command) && !seen.has(command) && seen.add(command))
  const commands = [own, ...perJob].slice(0, COMMANDS_MAX)
  return {
    display_information: { name: name.slice(0, NAME_MAX), description: 'Team jobs from the chat you live in' },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: name.slice(0, NAME_MAX), always_online: true },
      shortcuts: SHORTCUTS,
      slash_commands: commands.map((command) => ({
        ...command,
        description: command.description.slice(0, DESCRIPTION_MAX) || command.command,
        should_escape: false,
        ...(requestUrl ? { url: requestUrl } : {}),
      })),
    },
    oauth_config: { scopes: { bot: SCOPES } },
    settings: {
      event_subscriptions: {
        ...(requestUrl ? { request_url: requestUrl } : {}),
        bot_events: ['app_home_opened', 'app_mention', 'message.im'],
      },
      interactivity: { is_enabled: true, ...(requestUrl ? { request_url: requestUrl } : {}) },
      org_deploy_enabled: false,
      socket_mode_enabled: mode === 'socket',
      token_rotation_enabled: false,
    },
  }
}
