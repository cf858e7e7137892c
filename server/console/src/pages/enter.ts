import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { takeReturn } from '../app/return-to.ts'

/** After a sign-in: forget what the signed-out pages knew and go where the person wanted to go. */
export function useEnter(): () => void {
  const client = useQueryClient()
  const navigate = useNavigate()
  return () => {
    client.clear()
    // Replaces the address, so that the one-time code does not stay in the history.
    navigate(takeReturn(), { replace: true })
  }
}
