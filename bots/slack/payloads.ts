/** The parts of Slack's payloads that are read here; everything may be missing, nothing is made up. */

export interface SlackFile {
  id?: string
  name?: string
  title?: string
  mimetype?: string
  size?: number
  mode?: string
  url_private_download?: string
}

export interface MessageEvent {
  type: string
  subtype?: string
  channel?: string
  channel_type?: string
  user?: string
  bot_id?: string
  text?: string
  ts?: string
  thread_ts?: string
  edited?: object
  files?: SlackFile[]
  /** With `app_home_opened`: which of the two. */
  tab?: string
}

export interface EventBody {
  type: 'event_callback'
  event_id: string
  event: MessageEvent
}

export interface CommandBody {
  command: string
  text?: string
  channel_id: string
  user_id: string
  user_name?: string
  trigger_id: string
  response_url?: string
}

export interface ActionBody {
  type: 'block_actions'
  user: { id: string; name?: string; username?: string }
  channel?: { id: string }
  container?: { message_ts?: string; thread_ts?: string }
  message?: { thread_ts?: string }
  /** In place of a channel, where the button is on the Home tab or in a dialog. */
  view?: { type?: string }
  trigger_id: string
  response_url?: string
  actions: { value?: string; action_ts?: string; text?: { text?: string } }[]
}

/** A shortcut: in the message field (`shortcut`), or beside a message (`message_action`). */
export interface ShortcutBody {
  type: 'shortcut' | 'message_action'
  callback_id: string
  user: { id: string; name?: string; username?: string }
  trigger_id: string
  response_url?: string
  channel?: { id: string }
  message?: Pick<MessageEvent, 'text' | 'files' | 'ts' | 'thread_ts'>
}

/** What stands in a dialog: by block, and in it by action. */
export interface ViewState {
  values?: Record<
    string,
    Record<string, { value?: string | null; selected_option?: { value?: string } | null; files?: SlackFile[] }>
  >
}

/** A dialog that was sent or closed. */
export interface ViewBody {
  type: 'view_submission' | 'view_closed'
  user: { id: string; name?: string; username?: string }
  trigger_id?: string
  view: { id: string; hash?: string; private_metadata?: string; state?: ViewState }
}
