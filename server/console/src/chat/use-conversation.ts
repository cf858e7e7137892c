import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { sessionMayHaveEnded } from '../api/query-client.ts'
import { type Connection, type LiveText, listen } from '../api/stream.ts'
import type { Message, SendAnswer } from '../api/types.ts'
import { useHistory } from './use-history.ts'
import { useOutbox } from './use-outbox.ts'
import { usePress } from './use-press.ts'

const NONE: Message[] = []
const AWAY_MS = 60_000
const WALLET_WAIT_MS = 1_500

/** Everything the chat page needs: the messages, what is on its way, the connection, and what one can do. */
export function useConversation(accountId: string) {
  const { query, take, refresh, position, older } = useHistory()
  const items = query.data?.items ?? NONE
  const refreshMoney = useMoneyRefresh()
  const onMessages = useCallback(
    (...messages: Message[]) => {
      take(...messages)
      if (messages.some((message) => message.from === 'bot')) refreshMoney()
    },
    [take, refreshMoney],
  )
  const onAnswer = useCallback(
    ({ message, replies }: SendAnswer) => onMessages(...(message ? [message] : []), ...replies),
    [onMessages],
  )
  const { live, onLive } = useLive()
  const connection = useStream({ isRead: query.data !== undefined, onMessage: onMessages, onLive, position, refresh })
  const outbox = useOutbox({ accountId, items, onAnswer })
  const buttons = usePress(onAnswer)
  return { query, items, older, connection, live, outbox, buttons, newest: items.at(-1) }
}

interface StreamOptions {
  /** Listening begins where the first reading ended. */
  isRead: boolean
  onMessage: (message: Message) => void
  onLive: (live: LiveText) => void
  position: () => number
  refresh: () => void
}

function useStream({ isRead, onMessage, onLive, position, refresh }: StreamOptions): Connection {
  const [connection, setConnection] = useState<Connection>('connecting')
  useEffect(() => {
    if (!isRead) return
    return listen({ onMessage, onLive, position, onState: setConnection, onRefused: sessionMayHaveEnded })
  }, [isRead, onMessage, onLive, position])
  useEffect(() => {
    // A sleeping laptop may not notice that its connection is gone: after a long absence read again.
    let hiddenAtMs = 0
    const onChange = (): void => {
      if (document.hidden) hiddenAtMs = Date.now()
      else if (hiddenAtMs && Date.now() - hiddenAtMs > AWAY_MS) refresh()
    }
    document.addEventListener('visibilitychange', onChange)
    return () => document.removeEventListener('visibilitychange', onChange)
  }, [refresh])
  return connection
}

/** A run that was cut off says no more and no end. */
const LIVE_FOR_MS = 30_000

/** What is written at the moment; it goes when it is done, and after a while by itself. */
function useLive(): { live: string | null; onLive: (live: LiveText) => void } {
  const [live, setLive] = useState<string | null>(null)
  const timer = useRef<number>(undefined)
  const onLive = useCallback(({ text }: LiveText) => {
    window.clearTimeout(timer.current)
    setLive(text)
    if (text !== null) timer.current = window.setTimeout(() => setLive(null), LIVE_FOR_MS)
  }, [])
  useEffect(() => () => window.clearTimeout(timer.current), [])
  return { live, onLive }
}

/** What the bot says may have changed the balance, the context or what can be said; asks again, at most every so often. */
function useMoneyRefresh(): () => void {
  const client = useQueryClient()
  const timer = useRef<number>(undefined)
  const stop = useCallback(() => {
    window.clearTimeout(timer.current)
    timer.current = undefined
  }, [])
  useEffect(() => stop, [stop])
  return useCallback(() => {
    timer.current ??= window.setTimeout(() => {
      stop()
      void client.invalidateQueries({ queryKey: ['wallet'] })
      void client.invalidateQueries({ queryKey: ['me'] })
      void client.invalidateQueries({ queryKey: ['commands'] })
    }, WALLET_WAIT_MS)
  }, [client, stop])
}
