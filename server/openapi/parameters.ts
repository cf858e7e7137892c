import { z } from 'zod'
import type { RouteDoc } from './describe.ts'

type Json = Record<string, unknown>

const text = { type: 'string' }

/** Headers that requests may have, each described once. */
export const PARAMETERS = {
  'Idempotency-Key': {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'The same request sent again with the same key is carried out once, and has the same answer.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  'Idempotency-Key-needed': {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description: 'Money moves only under a key: sent again with the same one, nothing moves twice.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  'X-Execution-Context': {
    name: 'X-Execution-Context',
    in: 'header',
    description: 'In whose name: `personal` or `team/<id>`. Left out, it is the context chosen last.',
    schema: text,
  },
  'If-Match': {
    name: 'If-Match',
    in: 'header',
    description: 'The ETag of what was read.',
    schema: text,
  },
  'If-Match-needed': {
    name: 'If-Match',
    in: 'header',
    required: true,
    description: 'The ETag of what was read.',
    schema: text,
  },
  'If-None-Match': {
    name: 'If-None-Match',
    in: 'header',
    description: 'The ETag of what one has: 304 when it is still that.',
    schema: text,
  },
  'Last-Event-ID': {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'Where a stream that broke off goes on; browsers send it by themselves.',
    schema: text,
  },
} as const

/** Headers that answers may have. */
export const HEADERS = {
  Location: { description: 'Where it is', schema: text },
  ETag: { description: 'Of what was answered, for If-Match and If-None-Match', schema: text },
  'Idempotency-Replayed': { description: '`true` on an answer that was given before', schema: text },
  'RateLimit-Limit': { description: 'Requests a minute', schema: { type: 'integer' } },
  'RateLimit-Remaining': { description: 'How many are left', schema: { type: 'integer' } },
  'RateLimit-Reset': { description: 'Seconds until it starts anew', schema: { type: 'integer' } },
  'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } },
} as const

/** What parameters of a path or a query mean, by their name: they mean the same everywhere. */
const MEANINGS: Record<string, string> = {
  id: 'Its id; of what has a name in its context, the name will do',
  accountId: 'The id of an account: `acc_…`',
  jobId: 'What the job is called: `release-notes`',
  version: 'Counts from 1',
  code: 'The code of an invitation; of a sign-in, the provider’s',
  invitation: 'The code of an invitation to come in with',
  link: '`1` adds it to the account that is signed in',
  state: 'As the provider was given it',
  error: 'Why the provider refused',
  deliveryId: 'The id of a delivery: `dlv_…`',
  name: 'What it is called',
  days: 'How many days back',
  invitationId: 'The id of an invitation: `inv_…`',
  formId: 'The id of a form: `form_…`',
  token: 'Made for one job',
  kind: '`tasks`, `leases` or `agents`',
  cursor: '`nextCursor` of the page before',
  limit: 'How many at most',
  status: 'One, or where it makes sense several with commas',
  schedule: 'Those that this schedule started',
  account: 'Those that this account started',
  text: 'Those with this in their name or inputs',
  from: 'Not before this moment, or this day',
  to: 'Before this moment, or this day',
  format: 'As what it is answered',
  context: 'Whose: `team/team_…` or `user/acc_…`',
  type: 'One, or where it makes sense several with commas; `run.*` is all that begin so',
  actor: 'Those that this account did, or `system`',
  subject: 'What they are about: an id',
  after: 'Those after the one with this number',
  since: 'Those after the one with this number; left out, what happens from now on',
  mode: '`sse` is a stream, `poll` one page',
  timeout: 'How many seconds a poll waits for the first one',
  live: 'Without those that have ended',
  templates: 'Those to copy, instead of one’s own',
  publish: '`false` keeps a draft',
  visibility: 'Who may run it',
  unread: 'Those that are not read yet',
  runId: 'Of this run',
  assignee: 'An account id, `me`, or `none`',
  label: 'Those with this label',
  priority: 'Those with this priority',
}

const meaning = (name: string, given?: unknown): { description: string } | undefined => {
  const description = typeof given === 'string' ? given : MEANINGS[name]
  return description === undefined ? undefined : { description }
}

const parameter = (name: keyof typeof PARAMETERS): Json => ({ $ref: `#/components/parameters/${name}` })
const header = (name: keyof typeof HEADERS): [string, Json] => [name, { $ref: `#/components/headers/${name}` }]

export function parametersOf(method: string, path: string, doc: RouteDoc): Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    ...meaning(name),
    required: true,
    schema: text,
  }))
  return [...inPath, ...queryOf(doc.query), ...headersIn(method, doc)]
}

function headersIn(method: string, { asks = 'account', once, etag, answers }: RouteDoc): Json[] {
  return [
    ...(asks === 'account' ? [parameter('X-Execution-Context')] : []),
    ...(once ? [parameter(once === 'needed' ? 'Idempotency-Key-needed' : 'Idempotency-Key')] : []),
    ...(etag === 'needed' ? [parameter('If-Match-needed')] : []),
    ...(etag === 'taken' ? [parameter(method === 'GET' ? 'If-None-Match' : 'If-Match')] : []),
    ...(isStream(answers[200]) ? [parameter('Last-Event-ID')] : []),
  ]
}

const isStream = (answer: RouteDoc['answers'][200]): boolean =>
  [answer].flat().some((one) => typeof one === 'object' && one && 'media' in one && one.media === 'text/event-stream')

function queryOf(schema: z.ZodType | undefined): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    ...meaning(name, typeof schema === 'object' ? schema.description : undefined),
    ...(required.includes(name) ? { required: true } : {}),
    schema,
  }))
}

export function headersOf(path: string, status: string, { once, etag }: RouteDoc): Json {
  const limits = ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'] as const
  return Object.fromEntries([
    ...(['201', '202', '302'].includes(status) ? [header('Location')] : []),
    ...(etag ? [header('ETag')] : []),
    ...(once ? [header('Idempotency-Replayed')] : []),
    ...(path.startsWith('/v1/') ? limits.map(header) : []),
  ])
}
