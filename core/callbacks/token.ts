import { createHmac } from 'node:crypto'

const TOKEN_BYTES = 16

/**
 * The secret in the address that a provider calls back to: 128 bits that nobody can guess, and the same each time for one
 * step, so that a program which was killed says the same address again. Only its hash is stored.
 */
export const callbackToken = (authSecret: string, key: string): string =>
  createHmac('sha256', authSecret).update(`callback:${key}`).digest().subarray(0, TOKEN_BYTES).toString('base64url')

export const callbackUrl = (publicUrl: string, token: string): string => `${publicUrl}/callbacks/${token}`
