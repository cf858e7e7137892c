import type { Message } from './types.ts'

export type Connection = 'connecting' | 'open' | 'reconnecting'

export interface LiveText {
  runId: string
  text: string | null
}

export interface StreamHandlers {
  onMessage: (message: Message) => void
  /** What a run has written so far; null when it writes no more. */
  onLive: (live: LiveText) => void
  /** The newest change that is known, from 0: the stream begins behind it, so nothing falls between reading and listening. */
  position: () => number
  onState: (state: Connection) => void
  /** The server refused the stream (it was not merely cut): the session may have ended. */
  onRefused: () => void
}

const WAIT_MIN_MS = 1_000
const WAIT_MAX_MS = 30_000

/**
 * Listens to the conversation until the returned function is called. A cut connection is taken up by the browser itself,
 * which resumes after the last event it saw; a refused one is tried again here, with growing pauses.
 */
export function listen(handlers: StreamHandlers): () => void {
  let source: EventSource | undefined
  let timer: number | undefined
  let waitMs = WAIT_MIN_MS

  const connect = (): void => {
    window.clearTimeout(timer)
    source?.close()
    const opened = new EventSource(`/v1/chat/stream?after=${handlers.position()}`)
    source = opened
    opened.onopen = () => {
      waitMs = WAIT_MIN_MS
      handlers.onState('open')
    }
    opened.onerror = () => {
      handlers.onState('reconnecting')
      if (opened.readyState !== EventSource.CLOSED) return
      handlers.onRefused()
      timer = window.setTimeout(connect, waitMs * (0.75 + Math.random() / 2))
      waitMs = Math.min(waitMs * 2, WAIT_MAX_MS)
    }
    opened.addEventListener('message', (event) => {
      const message = parsed<Message>(event.data)
      if (message) handlers.onMessage(message)
    })
    opened.addEventListener('live', (event) => {
      const live = parsed<LiveText>(event.data)
      if (live) handlers.onLive(live)
    })
  }

  const onOnline = (): void => {
    if (source?.readyState !== EventSource.OPEN) connect()
  }

  handlers.onState('connecting')
  connect()
  window.addEventListener('online', onOnline)
  return () => {
    window.removeEventListener('online', onOnline)
    window.clearTimeout(timer)
    source?.close()
  }
}

function parsed<T>(data: string): T | undefined {
  try {
    return JSON.parse(data) as T
  } catch {
    return undefined
  }
}
