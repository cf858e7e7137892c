import type { ErrorCode } from '#core/errors.ts'
import { STATUS, TITLES } from '../problem.ts'
import type { RouteDoc } from './describe.ts'

type Code = ErrorCode | 'internal'

/** What a route may answer with when it does not go well: each status with its codes. */
export function problemsOf(path: string, doc: RouteDoc): Record<string, object> {
  const byStatus = new Map<number, Code[]>()
  for (const code of codesOf(path, doc)) {
    const status = code === 'internal' ? 500 : STATUS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [String(status), answer(status, codes)]))
}

function codesOf(path: string, { asks = 'account', body, once, etag, refuses = [], query }: RouteDoc): Set<Code> {
  const codes = new Set<Code>(['too_many_requests', 'busy', 'internal', 'bad_request'])
  if (asks === 'account') {
    // A context that the header names, and that is not one's own, is not found.
    for (const code of ['unauthorized', 'forbidden', 'not_found', 'context_conflict'] as const) codes.add(code)
  }
  if (path.includes('{')) codes.add('not_found')
  if (body) for (const code of ['too_large', 'unsupported_media_type'] as const) codes.add(code)
  if (once) for (const code of ['idempotency_key_reused', 'in_progress'] as const) codes.add(code)
  if (once === 'needed') codes.add('idempotency_key_missing')
  if (body && (etag === 'taken' || etag === 'needed')) codes.add('precondition_failed')
  if (etag === 'needed') codes.add('precondition_required')
  if (query) codes.add('bad_request')
  for (const code of refuses) codes.add(code)
  return codes
}

const answer = (status: number, codes: Code[]): object => ({
  description: TITLES[status] ?? 'Not possible',
  ...(status === 429 || status === 503
    ? { headers: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } } }
    : {}),
  content: {
    'application/problem+json': {
      schema: {
        allOf: [{ $ref: '#/components/schemas/Problem' }],
        properties: { code: { enum: codes } },
      },
    },
  },
})
