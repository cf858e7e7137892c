import { checkBlocks, checkLive, type Notes } from './limits.ts'

type Args = Record<string, unknown>

/** A refusal in Slack's shape. */
export interface Refusal {
  ok: false
  error: string
  response_metadata?: { messages: string[] }
}

export interface Place {
  id: string
  is_im: boolean
  is_private: boolean
  members: string[]
}

/** What the rules need to know of the workspace at the moment. */
export interface Workspace {
  botUserId: string
  archived: ReadonlySet<string>
  place(channel: string): Place | undefined
  message(channel: string, ts: string): Promise<{ user?: string; subtype?: string } | undefined>
}

const MESSAGE = ['channel', 'text', 'blocks', 'thread_ts', 'link_names', 'parse']
/** Methods with the arguments that are in use here; every other one is noted. */
const ARGUMENTS: Record<string, string[]> = {
  'auth.test': [],
  'apps.connections.open': [],
  'users.info': ['user'],
  'conversations.open': ['users'],
  'conversations.replies': ['channel', 'ts', 'limit'],
  'chat.postMessage': [...MESSAGE, 'unfurl_links', 'unfurl_media'],
  'chat.postEphemeral': [...MESSAGE, 'user'],
  'chat.update': ['channel', 'ts', 'text', 'blocks', 'link_names', 'parse'],
  'chat.delete': ['channel', 'ts'],
  'chat.startStream': ['channel', 'thread_ts', 'markdown_text'],
  'chat.appendStream': ['channel', 'ts', 'markdown_text'],
  'chat.stopStream': ['channel', 'ts', 'markdown_text'],
  'views.open': ['trigger_id', 'view'],
  'views.publish': ['user_id', 'view'],
  'files.getUploadURLExternal': ['filename', 'length'],
  'files.completeUploadExternal': ['files', 'channel_id', 'thread_ts'],
}
const TEXT_MAX = 40_000

const refusal = (error: string, messages?: string[]): Refusal =>
  messages ? { ok: false, error, response_metadata: { messages } } : { ok: false, error }

/** What Slack refuses and local-slack lets pass; undefined when the call may go on. */
export async function checkCall(
  method: string,
  args: Args,
  workspace: Workspace,
  violate: (problem: string) => void,
): Promise<Refusal | undefined> {
  const known = ARGUMENTS[method]
  if (!known) violate('a method that is not played here')
  for (const name of Object.keys(args)) {
    if (known && name !== 'token' && name !== 'team_id' && !known.includes(name)) violate(`unknown argument ${name}`)
  }
  if (method.endsWith('Stream')) return undefined
  if (method === 'chat.delete') return checkPlace('chat.update', args, workspace)
  if (method.startsWith('chat.')) return checkMessage(args, violate) ?? checkPlace(method, args, workspace)
  if (method === 'conversations.replies') return mayRead(workspace, String(args.channel))
  if (method === 'files.completeUploadExternal') return mayPost(workspace, String(args.channel_id), false)
  return undefined
}

/** Also what is posted to a response address. */
export function checkMessage(args: Args, violate: (problem: string) => void): Refusal | undefined {
  const refused: string[] = []
  const notes: Notes = { refuse: (problem) => refused.push(problem), violate }
  if (args.blocks !== undefined) checkBlocks(args.blocks, notes)
  if (typeof args.text !== 'string' || args.text === '') violate('no text beside the blocks')
  else {
    checkLive(args.text, notes)
    if (args.text.length > TEXT_MAX) return refusal('msg_too_long')
  }
  if (String(args.link_names) === 'true') violate('link_names makes mentions of names')
  if (refused.length === 0) return undefined
  for (const problem of refused) violate(problem)
  return refusal(refused.some((one) => one.startsWith('msg_')) ? 'msg_blocks_too_long' : 'invalid_blocks', refused)
}

async function checkPlace(method: string, args: Args, workspace: Workspace): Promise<Refusal | undefined> {
  const channel = String(args.channel)
  if (method === 'chat.update') {
    const message = await workspace.message(channel, String(args.ts))
    if (!message || message.subtype === 'ephemeral') return refusal('message_not_found')
    return message.user === workspace.botUserId ? undefined : refusal('cant_update_message')
  }
  const isEphemeral = method === 'chat.postEphemeral'
  const refused = mayPost(workspace, channel, !isEphemeral)
  if (refused || !isEphemeral) return refused
  return workspace.place(channel)?.members.includes(String(args.user)) ? undefined : refusal('user_not_in_channel')
}

/** `chat:write.public` lets a bot speak in public channels it is no member of; nothing lets it into the others. */
function mayPost(workspace: Workspace, channel: string, isSpeech: boolean): Refusal | undefined {
  const place = workspace.place(channel)
  if (!place) return refusal('channel_not_found')
  if (workspace.archived.has(channel)) return refusal('is_archived')
  if (place.members.includes(workspace.botUserId)) return undefined
  if (place.is_private || place.is_im) return refusal('channel_not_found')
  return isSpeech ? undefined : refusal('not_in_channel')
}

function mayRead(workspace: Workspace, channel: string): Refusal | undefined {
  const place = workspace.place(channel)
  if (!place) return refusal('channel_not_found')
  return place.members.includes(workspace.botUserId) ? undefined : refusal('not_in_channel')
}
