import { meantOnce } from '#core/chat/meant.ts'
import { runPointedAt } from '#core/runs/meant.ts'
import type { UserCall } from './command.ts'

type Pointing = Pick<UserCall, 'core' | 'actor' | 'incoming'>

/** The run that is meant: by its id, by answering its card, else the newest (or only live) one of the context. */
export const runMeantBy = (call: Pointing, id: string | undefined, which: 'live' | 'newest'): Promise<string> =>
  runPointedAt(call.core.db, call.actor, pointerOf(call, id), which)

/** The same for what ends it or changes it: asked again, it means the same run. */
export const runMeantOnce = (call: Pointing, id: string | undefined, which: 'live' | 'newest'): Promise<string> =>
  meantOnce(call.core, call.actor, { what: 'run', words: id ?? null }, (tx) =>
    runPointedAt(tx, call.actor, pointerOf(call, id), which),
  )

const pointerOf = ({ incoming: { channel, conversation, replyTo } }: Pointing, id: string | undefined) => ({
  id,
  channel,
  conversation,
  repliedTo: replyTo?.messageRef,
})
