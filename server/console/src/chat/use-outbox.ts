import { useCallback, useEffect, useRef, useState } from 'react'
import { call, isSignedOut, newKey, sentenceOf } from '../api/client.ts'
import { sessionMayHaveEnded } from '../api/query-client.ts'
import type { Artifact, Message, SendAnswer, SendBody } from '../api/types.ts'
import { readUnsent, type Unsent, withoutLanded, writeUnsent } from './outbox.ts'

/** Says one thing to the server. */
export const post = (body: SendBody, idempotencyKey: string): Promise<SendAnswer> =>
  call('POST', '/v1/chat/messages', { body, idempotencyKey })

interface Options {
  accountId: string
  /** All that is known of the conversation; unsent messages that show up in it are done. */
  items: Message[]
  onAnswer: (answer: SendAnswer) => void
}

/** Sends messages one after another, keeps the failed ones for another try, survives a reload. */
export function useOutbox({ accountId, items, onAnswer }: Options) {
  const [all, setAll] = useState<Unsent[]>(() => readUnsent(accountId))
  const queue = useRef(Promise.resolve())
  const unsent = withoutLanded(all, items)

  // Both in an effect: what has landed is forgotten, what has not is kept for a reload.
  useEffect(() => {
    if (unsent !== all) setAll(unsent)
    writeUnsent(accountId, unsent)
  }, [accountId, all, unsent])

  const change = useCallback(
    (key: string, next?: Partial<Unsent>) =>
      setAll((list) => list.flatMap((one) => (one.key !== key ? [one] : next ? [{ ...one, ...next }] : []))),
    [],
  )

  const deliver = useCallback(
    (one: Unsent) => {
      queue.current = queue.current.then(async () => {
        try {
          const body = { text: one.text, ...(one.files.length ? { files: one.files.map((file) => file.id) } : {}) }
          const answer = await post(body, one.key)
          onAnswer(answer)
          change(one.key, { state: 'sent', messageId: answer.message.id })
        } catch (error) {
          if (isSignedOut(error)) sessionMayHaveEnded()
          change(one.key, { state: 'failed', reason: sentenceOf(error) })
        }
      })
    },
    [change, onAnswer],
  )

  const newest = items.at(-1)
  const send = (text: string, files: Artifact[]): void => {
    const afterMs = newest ? Date.parse(newest.at) : 0
    const one: Unsent = { key: newKey(), text, files, at: new Date().toISOString(), afterMs, state: 'sending' }
    setAll((list) => [...list, one])
    deliver(one)
  }
  const retry = (one: Unsent): void => {
    change(one.key, { state: 'sending' })
    deliver(one)
  }
  return { unsent, send, retry, discard: (one: Unsent) => change(one.key) }
}
