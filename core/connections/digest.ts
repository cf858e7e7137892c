import { createHmac } from 'node:crypto'
import { canonicalJson, type Json } from '../json.ts'

/**
 * Stands for a request with secrets in it where requests are compared. A plain hash would let whoever reads the database
 * try passwords against it.
 */
export const requestDigest = (authSecret: string, input: Json): string =>
  createHmac('sha256', authSecret)
    .update(`request:${canonicalJson(input)}`)
    .digest('base64url')
