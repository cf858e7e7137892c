import type { webApi } from '@slack/bolt'
import { type Address, isDirect, messageRefOf, userIdOf } from './address.ts'
import { refusalOf } from './outcome.ts'
import type { Post } from './pack.ts'
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

async function postOpenly({ client, responseUrls }: Needs, to: Destination, message: Post): Promise<string> {
  const url = responseUrls.find(to.hints)
  try {
    return await postTo(client, to, message)
  } catch (error) {
    if (!url || !isNotInThere(error)) throw error
    // A direct message that the bot is not part of is one between people: the other one asked for nothing.
    const visibility = isDirect(to.channel) ? 'ephemeral' : 'in_channel'
    await responseUrls.post(url, message, visibility).catch((failure: unknown) => {
      throw failure instanceof ResponseUrlSpent ? error : failure
    })
    return `${to.channel}/response`
  }
}

/** Ephemeral where the person is; else through the address their command brought; else as a direct message. */
async function postAlone(needs: Needs, to: Destination, onlyFor: string, message: Post): Promise<string> {
  const { client, responseUrls } = needs
  try {
    const { message_ts } = await client.chat.postEphemeral({
      channel: to.channel,
      user: userIdOf(onlyFor),
      ...(to.threadTs ? { thread_ts: to.threadTs } : {}),
      ...message,
      link_names: false,
      parse: 'none',
    })
    return messageRefOf(to.channel, message_ts ?? '')
  } catch (error) {
    if (!isNotInThere(error)) throw error
  }
  const url = responseUrls.find(to.hints, onlyFor)
  if (url) {
    try {
      await responseUrls.post(url, message, 'ephemeral')
      return `${to.channel}/response`
    } catch (error) {
      if (!(error instanceof ResponseUrlSpent)) throw error
    }
  }
  return postTo(client, { channel: await openDirect(client, onlyFor) }, message)
}

async function postTo(client: webApi.WebClient, to: Address, message: Post): Promise<string> {
  const { channel, ts } = await client.chat.postMessage({
    channel: to.channel,
    ...(to.threadTs ? { thread_ts: to.threadTs } : {}),
    ...message,
    ...QUIET,
  })
  return messageRefOf(channel ?? to.channel, ts ?? '')
}

/** The direct message with this person; opening it again gives the same one. */
export async function openDirect(client: webApi.WebClient, externalId: string): Promise<string> {
  const { channel } = await client.conversations.open({ users: userIdOf(externalId) })
  return channel?.id ?? ''
}

export async function update(
  client: webApi.WebClient,
  at: { channel: string; ts: string },
  message: Post,
): Promise<void> {
  await client.chat.update({ ...at, ...message, link_names: false, parse: 'none' })
}

const isNotInThere = (error: unknown): boolean => NOT_IN_THERE.has(refusalOf(error) ?? '')
