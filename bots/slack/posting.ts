import type { webApi } from '@slack/bolt'
import { type Address, isDirect, messageRefOf, userIdOf } from './address.ts'
import { refusalOf } from './outcome.ts'
import type { Post, Sent } from './pack.ts'
import type { Plans } from './plans.ts'
import { ResponseUrlSpent, type ResponseUrls } from './response-url.ts'

/** What one message needs to find its way. */
export interface Destination extends Address {
  /** External id of the one person who may see it. */
  onlyFor?: string
  hints?: Record<string, string>
}

interface Needs {
  client: webApi.WebClient
  responseUrls: ResponseUrls
  plans: Plans
}

/** Slack's words for: the bot, or the person, is not in there. */
const NOT_IN_THERE = new Set(['not_in_channel', 'channel_not_found', 'user_not_in_channel', 'no_permission'])

/** Names and addresses in the fallback text stay words; nothing is unfolded below a message. */
const QUIET = { link_names: false, parse: 'none', unfurl_links: false, unfurl_media: false } as const

/** Posts one message; the answer is its ref. Rejects with what Slack's client says. */
export function post(needs: Needs, to: Destination, message: Post): Promise<string> {
  return to.onlyFor && !isDirect(to.channel)
    ? postAlone(needs, to, to.onlyFor, message)
    : postOpenly(needs, to, message)
}

async function postOpenly(needs: Needs, to: Destination, message: Post): Promise<string> {
  const { responseUrls } = needs
  const url = responseUrls.find(to.hints)
  try {
    return await postTo(needs, to, message)
  } catch (error) {
    if (!url || !isNotInThere(error)) throw error
    // A direct message that the bot is not part of is one between people: the other one asked for nothing.
    const visibility = isDirect(to.channel) ? 'ephemeral' : 'in_channel'
    await responseUrls.post(url, everywhere(message), visibility).catch((failure: unknown) => {
      throw failure instanceof ResponseUrlSpent ? error : failure
    })
    return `${to.channel}/response`
  }
}

/** Ephemeral where the person is; else through the address their command brought; else as a direct message. */
async function postAlone(needs: Needs, to: Destination, onlyFor: string, message: Post): Promise<string> {
  const { client, responseUrls, plans } = needs
  try {
    const { message_ts } = await plans.sendWith(message, (sent) =>
      client.chat.postEphemeral({
        channel: to.channel,
        user: userIdOf(onlyFor),
        ...(to.threadTs ? { thread_ts: to.threadTs } : {}),
        ...sent,
        link_names: false,
        parse: 'none',
      }),
    )
    return messageRefOf(to.channel, message_ts ?? '')
  } catch (error) {
    if (!isNotInThere(error)) throw error
  }
  const url = responseUrls.find(to.hints, onlyFor)
  if (url) {
    try {
      await responseUrls.post(url, everywhere(message), 'ephemeral')
      return `${to.channel}/response`
    } catch (error) {
      if (!(error instanceof ResponseUrlSpent)) throw error
    }
  }
  return postTo(needs, { channel: await openDirect(client, onlyFor) }, message)
}

async function postTo({ client, plans }: Needs, to: Address, message: Post): Promise<string> {
  const { channel, ts } = await plans.sendWith(message, (sent) =>
    client.chat.postMessage({
      channel: to.channel,
      ...(to.threadTs ? { thread_ts: to.threadTs } : {}),
      ...sent,
      ...QUIET,
    }),
  )
  return messageRefOf(channel ?? to.channel, ts ?? '')
}

/** The direct message with this person; opening it again gives the same one. */
export async function openDirect(client: webApi.WebClient, externalId: string): Promise<string> {
  const { channel } = await client.conversations.open({ users: userIdOf(externalId) })
  return channel?.id ?? ''
}

export async function update(
  { client, plans }: Pick<Needs, 'client' | 'plans'>,
  at: { channel: string; ts: string },
  message: Post,
): Promise<void> {
  await plans.sendWith(message, (sent) => client.chat.update({ ...at, ...sent, link_names: false, parse: 'none' }))
}

/** An address for answers says nothing of why it does not take one: it gets what is taken everywhere. */
const everywhere = ({ text, blocks, plain }: Post): Sent => ({ text, blocks: plain ?? blocks })

const isNotInThere = (error: unknown): boolean => NOT_IN_THERE.has(refusalOf(error) ?? '')
