import { createConsoleLink } from '#core/accounts/console-link.ts'
import { channelTitle } from '#core/accounts/identities.ts'
import { getMe } from '#core/accounts/me.ts'
import { defineCommand } from './command.ts'
import { buttons, fields, heading, privateReply } from './replies.ts'

export const whoami = defineCommand({
  name: 'whoami',
  summary: 'Who you are here, on which channels and in which teams',
  group: 'start',
  run: async ({ core, actor }) => {
    const { account, teams, identities } = await getMe(core, actor)
    return privateReply(
      heading(account.displayName),
      fields({
        Handle: `@${account.handle}`,
        Platform: account.platformRole === 'admin' ? 'admin' : undefined,
        Teams: teams.map(({ name, role }) => `${name} (${role})`).join(', ') || 'none yet',
        'Known on':
          identities.map(({ channel, name }) => `${channelTitle(channel)} as ${name}`).join(', ') || 'the web',
        'Time zone': account.timeZone,
      }),
    )
  },
})

export const consoleLink = defineCommand({
  name: 'console',
  summary: 'A link that signs you in to the console, once',
  group: 'start',
  run: async ({ core, actor }) => {
    const { url } = await createConsoleLink(core, actor)
    return privateReply(
      'This signs you in to the console. It works once, for ten minutes; do not pass it on.',
      url,
      // Platforms take buttons only for addresses that the world can reach.
      ...(url.startsWith('https:') ? [buttons({ label: 'Open the console', url, style: 'primary' })] : []),
    )
  },
})
