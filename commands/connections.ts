import { reply } from '#core/chat/message.ts'
import { readConnections } from '#core/connections/read.ts'
import { contextTitle } from '#core/contexts/resolve.ts'
import { defineCommand } from './command.ts'
import { buttons, heading } from './replies.ts'

/** Names only. A key that is typed into a chat stands there for good, so that there is no command to enter one. */
export const connections = defineCommand({
  name: 'connections',
  summary: 'Which services are connected here; keys are entered in the console',
  group: 'admin',
  run: async ({ core, actor, resolved }) => {
    const found = await readConnections(core, actor)
    const url = `${core.settings.publicUrl}/connections`
    const where = `Keys are entered, tested and changed in the console, never in a chat: ${url}`
    // Chats take no other links on a button.
    const link = url.startsWith('https:') ? [buttons({ label: 'Open in the console', url })] : []
    if (found.length === 0) return reply(`${contextTitle(resolved)} has no connections. ${where}`, ...link)
    const items = found.map(({ name, provider, owner, origin, isReadable, lastTest }) => {
      const state = !isReadable ? ' · enter its key again' : lastTest && !lastTest.ok ? ` · ${lastTest.error.code}` : ''
      return `${name} · ${provider}${owner.type === 'instance' ? ' · for everybody' : ''}${origin === 'environment' ? ', from the environment' : ''}${state}`
    })
    return reply(heading(`Connections · ${contextTitle(resolved)}`), { type: 'list', items }, where, ...link)
  },
})
