import type { ErrorCode } from '#core/errors.ts'
import { STATUS, TITLES } from '../problem.ts'
import type { RouteDoc } from './describe.ts'

type Code = ErrorCode | 'internal'

/** What a route may answer with when it does not go well: each status with its codes, described once for all routes. */
export class Problems {
  /** Under the name that routes refer to. */
  readonly described: Record<string, object> = {}

  of(path: string, doc: RouteDoc): Record<string, object> {
    const byStatus = new Map<number, Code[]>()
    for (const code of codesOf(path, doc)) {
      const status = code === 'internal' ? 500 : STATUS[code]
      byStatus.set(status, [...(byStatus.get(status) ?? []), code])
    }
    return Object.fromEntries([...byStatus].map(([status, codes]) => [String(status), this.#refTo(status, codes)]))
  }

  #refTo(status: number, codes: Code[]): object {
    const name = `${status}.${codes.toSorted().join('.')}`
    this.described[name] ??= answer(status, codes)
    return { $ref: `#/components/responses/${name}` }
  }
}

function codesOf(path: string, { asks = 'account', body, once, etag, refuses = [] }: RouteDoc): Set<Code> {
  const codes = new Set<Code>(['too_many_requests', 'busy', 'internal', 'bad_request'])
  // A wrong key is refused wherever it comes along.
  if (path.startsWith('/v1/')) codes.add('unauthorized').add('forbidden')
  if (asks === 'account') {
    // A context that the header names, and that is not one's own, is not found.
    codes.add('not_found').add('context_conflict')
  }
  if (path.includes('{')) codes.add('not_found')
  if (body) codes.add('too_large').add('unsupported_media_type')
  if (once) codes.add('idempotency_key_reused').add('in_progress')
  if (once === 'needed') codes.add('idempotency_key_missing')
  if (body && (etag === 'taken' || etag === 'needed')) codes.add('precondition_failed')
  if (etag === 'needed') codes.add('precondition_required')
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
