import { useCallback, useState } from 'react'
import { isSignedOut, newKey, sentenceOf } from '../api/client.ts'
import { sessionMayHaveEnded } from '../api/query-client.ts'
import type { SendAnswer } from '../api/types.ts'
import { notifyFailure } from '../app/notify.ts'
import { post } from './use-outbox.ts'

/** Presses buttons: `pending` holds the tokens on their way. */
export function usePress(onAnswer: (answer: SendAnswer) => void) {
  const [pending, setPending] = useState<ReadonlySet<string>>(new Set())
  const press = useCallback(
    async (token: string, label: string) => {
      setPending((tokens) => new Set(tokens).add(token))
      try {
        onAnswer(await post({ text: label, button: token }, newKey()))
      } catch (error) {
        if (isSignedOut(error)) sessionMayHaveEnded()
        else void notifyFailure(`“${label}” did not work`, sentenceOf(error))
      }
      setPending((tokens) => new Set([...tokens].filter((one) => one !== token)))
    },
    [onAnswer],
  )
  return { pending, press, onAnswer }
}
