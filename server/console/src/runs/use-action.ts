import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { useNavigate } from 'react-router'
import type { RunAction } from '#core/runs/actions.ts'
import { call, newKey } from '../api/client.ts'
import type { Run } from '../api/types.ts'
import { runKeyOf, runPath } from './queries.ts'

const BODIES: Record<RunAction, { path: string; body: object }> = {
  cancel: { path: '/cancel', body: {} },
  retry: { path: '/retry', body: { from: 'failed_step' } },
  run_again: { path: '/retry', body: { from: 'start' } },
}

/** Does something about a run: the same as its button in the chat. What becomes another run is gone to. */
export function useAction(runId: string, onDone: () => void) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const key = useRef(newKey())
  return useMutation({
    mutationFn: (action: RunAction) => {
      const { path, body } = BODIES[action]
      // Pressed again after a lost answer it is the same request; after an answer it is another one.
      return call<Run>('POST', runPath(runId, path), { body, idempotencyKey: `${key.current}-${action}` })
    },
    onSuccess: (run) => {
      key.current = newKey()
      client.setQueryData(runKeyOf(run.id), run)
      void client.invalidateQueries({ queryKey: ['runs'] })
      onDone()
      if (run.id !== runId) navigate(`/runs/${run.id}`)
    },
    // It may stand otherwise than it did here.
    onError: () => void client.invalidateQueries({ queryKey: runKeyOf(runId) }),
  })
}
