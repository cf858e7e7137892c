import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { FormPart } from '#core/chat/message.ts'
import { ApiError } from '../../api/client.ts'
import { readForm } from './api.ts'

/**
 * The form as the server has it: what the message shows, what it answers when something is kept, and, once the page is
 * loaded, how it stands now. `take` is told the newest.
 */
export function useFormOfServer(shown: FormPart) {
  const client = useQueryClient()
  const { formId } = shown
  const query = useQuery({
    queryKey: ['form', formId],
    queryFn: ({ signal }) => readForm(formId, signal),
    initialData: shown,
    // The message may be older than what is in the form.
    initialDataUpdatedAt: 0,
  })
  const take = useCallback(
    (form: FormPart) => {
      // What is being read was asked for before.
      void client.cancelQueries({ queryKey: ['form', formId] })
      client.setQueryData(['form', formId], form)
    },
    [client, formId],
  )
  const text = JSON.stringify(shown)
  const before = useRef(text)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text says when it changed
  useEffect(() => {
    if (before.current !== text) take(shown)
    before.current = text
  }, [text, take])
  const [isGone, setGone] = useState(false)
  return { form: query.data, take, isOver: isGone || isGoneError(query.error), end: () => setGone(true) }
}

export const isGoneError = (error: unknown): boolean => error instanceof ApiError && error.status === 404
