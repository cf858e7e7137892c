import type { MiddlewareHandler } from 'hono'
import type { z } from 'zod'
import type { ApiScope } from '#core/accounts/scopes.ts'
import type { ErrorCode } from '#core/errors.ts'
import type { Env } from '../env.ts'
import type { Group } from './groups.ts'
import type { ViewName } from './views/all.ts'

/** A body of another kind than one JSON view. */
export type Media = { media: string; says: string }

/** What an answer has in it: a view, a list with a cursor, another media type, or nothing. */
export type Answer = ViewName | { list: ViewName } | Media | null

/** 503 is here for what says how ill it is in its own shape. */
type Status = 200 | 201 | 202 | 204 | 302 | 304 | 503

/** What the document says of one route; what follows from the route itself is not repeated here. */
export interface RouteDoc {
  /** One line, without a dot. */
  summary: string
  /** What else one has to know, in Markdown. */
  more?: string
  group: Group
  /** `account`, unless it says otherwise: a key or a session. `signed`: who sends it proves it in the message itself. */
  asks?: 'account' | 'nobody' | 'signed'
  /** Of a key; left out, `read` for GET and `write` for everything else. */
  scope?: ApiScope
  /** The very schemas that the route checks with. */
  query?: z.ZodType
  body?: z.ZodType | Media[]
  /** Several where the request says which it wants. */
  answers: Partial<Record<Status, Answer | Answer[]>>
  /** Codes of problems beside those that every such route can answer with. */
  refuses?: readonly ErrorCode[]
  /** Whether a repeated request with the same Idempotency-Key is carried out once; `needed` refuses one without. */
  once?: 'taken' | 'needed'
  /** Answers have an ETag. `taken`: reading takes If-None-Match, writing If-Match; `needed`: writing needs it. */
  etag?: 'answered' | 'taken' | 'needed'
}

const DOCS = new WeakMap<object, RouteDoc>()

/** Stands before the handler of a route and says what the document has to say about it. Does nothing to the request. */
export function describe(doc: RouteDoc): MiddlewareHandler<Env> {
  const described: MiddlewareHandler<Env> = (_, next) => next()
  DOCS.set(described, doc)
  return described
}

export const docOf = (handler: object): RouteDoc | undefined => DOCS.get(handler)
