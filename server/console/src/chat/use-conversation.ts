import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { sessionMayHaveEnded } from '../api/query-client.ts'
import { type Connection, listen } from '../api/stream.ts'
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
  const connection = useStream({ isRead: query.data !== undefined, onMessage: onMessages, position, refresh })
  const outbox = useOutbox({ accountId, items, onAnswer })
  const buttons = usePress(onAnswer)
  return { query, items, older, connection, outbox, buttons, newest: items.at(-1) }
}

interface StreamOptions {
  /** Listening begins where the first reading ended. */
  isRead: boolean
  onMessage: (message: Message) => void
  position: () => number
  refresh: () => void
}

function useStream({ isRead, onMessage, position, refresh }: StreamOptions): Connection {
  const [connection, setConnection] = useState<Connection>('connecting')
  useEffect(() => {
    if (!isRead) return
    return listen({ onMessage, position, onState: setConnection, onRefused: sessionMayHaveEnded })
  }, [isRead, onMessage, position])
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
