import type { Channel } from '#bots/channel.ts'
import { createSlackChannel } from '#bots/slack/bot.ts'
import type { Dialect } from '#db/db.ts'
import { type Block, type MessageView, type SlackPeer, startSlackPeer } from '#tests/peers/slack/index.ts'
import { createChatWorld, ShiftedClock } from '#tests/support/chat-world.ts'
import { eventually } from '#tests/support/eventually.ts'
import type { Harness, Saying, Shown } from '../conformance.ts'
import type { TestCommands } from '../test-commands.ts'

const GROUP = 'C0GROUP'
/** In the group, and never wrote to the bot: Slack shows an ephemeral message to everybody in a channel. */
const STRANGER = 'Sam'
const NAMES = ['Ann', 'Bob', STRANGER, ...Array.from({ length: 50 }, (_, index) => `Person${index}`)]

export interface SlackHarness extends Harness {
  peer: SlackPeer
}

/** The channel, the core and local-slack. In a direct message people just write; in the group they use the slash command. */
export async function createSlackHarness(
  mode: 'socket' | 'http',
  commands: TestCommands,
  dialect: Dialect = 'sqlite',
): Promise<SlackHarness> {
  const clock = new ShiftedClock()
  const users = NAMES.map((name) => ({ id: idOf(name), name: name.toLowerCase(), realName: name }))
  const peer = await startSlackPeer({
    mode,
    users,
    channels: [{ id: GROUP, name: 'group', members: ['Ann', 'Bob', STRANGER].map(idOf) }],
    nowMs: () => clock.nowMs(),
  })
  let channel: Channel | undefined
  const world = await createChatWorld(dialect, {
    clock,
    handle: commands.handle,
    renderCard: commands.renderCard,
    sender: ({ log }) => (channel = createSlackChannel({ ...peer.secrets, mode, apiUrl: peer.apiUrl, log, clock })),
  })
  if (!channel) throw new Error('The world made no channel')
  const started = channel
  const { webhook } = started
  if (webhook) peer.deliverTo((request) => webhook(request))
  await started.start(world.receive)
  const places = new Map<string, Promise<string>>([['group', Promise.resolve(GROUP)]])

  function placeOf(where = 'Ann'): Promise<string> {
    const place = places.get(where) ?? peer.direct(idOf(where))
    places.set(where, place)
    return place
  }

  return {
    world,
    peer,
    stranger: STRANGER,
    async say(text, how = {}) {
      const place = await placeOf(how.in)
      const from = speaker(how)
      if (how.file) await peer.share(place, from, how.file, text)
      else if (place === GROUP && text.startsWith('/')) await peer.slash(place, from, '/muster', text.slice(1))
      else await peer.say(place, from, text, how.replyTo?.id)
    },
    async press(message, label, how = {}) {
      const place = await placeOf(how.in)
      const before = (await peer.ephemeral(place, speaker(how))).length
      await peer.press(place, speaker(how), message.id, label)
      return eventually(async () => {
        const told = (await peer.ephemeral(place, speaker(how)))[before]
        if (!told) throw new Error('Nothing was told to whoever pressed')
        return told.text
      })
    },
    async shown(where = 'Ann') {
      return where === 'group' ? groupShown(peer) : personShown(peer, where, await placeOf(where))
    },
    async redeliver(times) {
      for (const delivery of peer.deliveries.toReversed()) {
        for (let attempt = 1; attempt <= times; attempt++) {
          const again = await peer.redeliver(delivery, attempt)
          await eventually(() => {
            if (!again.isAcknowledged) throw new Error('What was delivered again is not acknowledged')
          })
        }
      }
    },
    async postUnsigned(text) {
      const event = {
        type: 'message',
        channel_type: 'im',
        channel: await placeOf('Ann'),
        user: idOf('Ann'),
        ts: '1.1',
        text,
      }
      const body = JSON.stringify({ type: 'event_callback', event_id: 'Ev0FORGED', team_id: peer.bot.teamId, event })
      const headers = {
        'content-type': 'application/json',
        ...peer.sign(body),
        'x-slack-signature': `v0=${'0'.repeat(64)}`,
      }
      const request = new Request('http://127.0.0.1/webhooks/slack', { method: 'POST', headers, body })
      return (await webhook?.(request))?.status ?? 0
    },
    limitNext: (retryAfterS) => peer.failNext({ method: 'chat.postMessage', fault: { retryAfter: retryAfterS } }),
    breakNext: () => peer.failNext({ method: 'chat.postMessage', fault: 'drop-after' }),
    advance: (ms) => clock.advance(ms),
    complaints: () => peer.violations.map(({ method, message }) => `${method}: ${message}`),
    async end() {
      await started.stop()
      await world.end()
      await peer.stop()
    },
  }
}

const idOf = (name: string): string => `U0${name.toUpperCase()}`

const speaker = ({ in: where = 'Ann', from }: Saying): string => idOf(from ?? (where === 'group' ? 'Ann' : where))

/** In the channel a private answer shows to its reader alone, under Slack's own words; the others see nothing of it. */
async function groupShown(peer: SlackPeer): Promise<Shown[]> {
  const shown = await Promise.all(
    (await peer.messages(GROUP)).filter(({ fromBot }) => fromBot).map((one) => shownOf(peer, one)),
  )
  const alone = (await Promise.all(['Ann', 'Bob', STRANGER].map((name) => peer.ephemeral(GROUP, idOf(name))))).flat()
  return [...shown, ...alone.map(({ ts }) => ({ ...NOTHING, id: ts, text: 'Only visible to you (in private)' }))]
}

const NOTHING = { buttons: [], files: [], edits: 0, calls: [], links: [] }

async function personShown(peer: SlackPeer, name: string, direct: string): Promise<Shown[]> {
  const own = [...(await peer.messages(direct)), ...(await peer.ephemeral(GROUP, idOf(name)))]
  return Promise.all(own.filter(({ fromBot }) => fromBot).map((one) => shownOf(peer, one)))
}

async function shownOf(peer: SlackPeer, message: MessageView): Promise<Shown> {
  const updates = peer
    .callsOf('chat.update')
    .filter(({ args, result }) => args.ts === message.ts && result?.ok === true)
  return {
    id: message.ts,
    text: message.text,
    buttons: [...message.buttons],
    files: await Promise.all(
      message.files.map(async (file) => ({ name: file.name, bytes: await peer.fileBytes(file) })),
    ),
    edits: updates.length,
    calls: [...liveIn(message.fallback), ...message.blocks.flatMap(callsIn)],
    links: message.blocks.flatMap(disguisedIn),
  }
}

/** What Slack would turn into a mention or a link in a text that it interprets. */
const liveIn = (text: string): string[] => text.match(/<[^>\s][^>]*>/g) ?? []

function callsIn(node: unknown): string[] {
  return visit(node, ({ type, text }) => {
    if (type === 'mrkdwn') return liveIn(String(text))
    return ['user', 'usergroup', 'broadcast', 'channel', 'team'].includes(String(type)) ? [String(type)] : []
  })
}

/** Links under other words without their host beside them. */
function disguisedIn(block: Block): string[] {
  return visit(block, ({ elements }) => {
    const inlines = (elements ?? []) as { type: string; text?: string; url?: string }[]
    return inlines.flatMap(({ type, text, url = '' }, index) => {
      if (type !== 'link' || text === undefined || text === url) return []
      return inlines[index + 1]?.text?.startsWith(` (${new URL(url).host})`) ? [] : [url]
    })
  })
}

function visit(node: unknown, look: (fields: Record<string, unknown>) => string[]): string[] {
  if (typeof node !== 'object' || node === null) return []
  const here = Array.isArray(node) ? [] : look(node as Record<string, unknown>)
  return [...here, ...Object.values(node).flatMap((inner) => visit(inner, look))]
}
