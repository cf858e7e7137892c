import { Gateway } from './gateway.ts'
import type { Place, Workspace } from './methods.ts'
import { SlackPeer } from './peer.ts'
import { LocalSlack } from './process.ts'
import type { NewChannel, NewUser, PeerOptions } from './types.ts'
import type { StoredMessage } from './view.ts'

const SECRETS = { botToken: 'xoxb-peer-token', appToken: 'xapp-peer-token', signingSecret: 'peer-signing-secret' }
const BOT = { userId: 'U0BOT', teamId: 'T0PEER' }

/** Starts a Slack workspace with one app on this machine, reachable on loopback alone. */
export async function startSlackPeer(options: PeerOptions): Promise<SlackPeer> {
  const archived = new Set<string>()
  let slack: LocalSlack | undefined
  const gateway = new Gateway({
    ...SECRETS,
    nowMs: options.nowMs ?? Date.now,
    workspace: () => workspaceNow(running(slack), archived),
  })
  const port = await gateway.listen()
  slack = await LocalSlack.start(configOf(options, port), port).catch(async (error: unknown) => {
    await gateway.stop()
    throw error
  })
  gateway.attach(slack)
  return new SlackPeer({ slack, gateway, port, secrets: SECRETS, bot: BOT, archived })
}

function configOf({ mode, users, channels = [] }: PeerOptions, port: number): object {
  return {
    workspace: { name: 'Peer', domain: 'peer', teamId: BOT.teamId },
    apps: [
      {
        appId: 'A0PEER',
        botUserId: BOT.userId,
        botName: 'muster',
        ...SECRETS,
        mode: mode === 'http' ? 'events' : 'socket',
        requestUrl: `http://127.0.0.1:${port}/_deliver`,
      },
    ],
    users: users.map(userConfig),
    channels: channels.map((channel) => channelConfig(channel, users.map(userConfig))),
  }
}

const userConfig = ({ id, name, realName }: NewUser) => ({
  id: id ?? `U${name.toUpperCase()}`,
  name,
  real_name: realName ?? name,
})

const channelConfig = ({ id, name, members, isPrivate = false, withoutBot }: NewChannel, users: { id: string }[]) => ({
  id: id ?? `C${name.toUpperCase()}`,
  name,
  is_private: isPrivate,
  members: [...(members ?? users.map((user) => user.id)), ...(withoutBot ? [] : [BOT.userId])],
})

async function workspaceNow(slack: LocalSlack, archived: ReadonlySet<string>): Promise<Workspace> {
  const { channels } = await slack.json<{ channels: Place[] }>('GET', '/_control/state')
  return {
    botUserId: BOT.userId,
    archived,
    place: (channel) => channels.find(({ id }) => id === channel),
    async message(channel, ts) {
      const { messages } = await slack.json<{ messages: StoredMessage[] }>('GET', `/_control/messages/${channel}`)
      return messages.find((one) => one.ts === ts)
    },
  }
}

function running(slack: LocalSlack | undefined): LocalSlack {
  if (!slack) throw new Error('local-slack is not running yet')
  return slack
}

export { SlackPeer } from './peer.ts'
export type * from './types.ts'
