import type { Hono } from 'hono'
import { z } from 'zod'
import type { Env } from '../env.ts'
import { type Answer, docOf, type RouteDoc } from './describe.ts'
import { GROUPS } from './groups.ts'
import { HEADERS, headersOf, PARAMETERS, parametersOf } from './parameters.ts'
import { Problems } from './problems.ts'
import { VIEWS } from './views/all.ts'
import { PROBLEM } from './views/problem.ts'

type Json = Record<string, unknown>

export interface OpenApi extends Json {
  openapi: string
  paths: Record<string, Record<string, Json>>
  components: Json
}

/** A route of the app, and what is said of it. */
export interface Route {
  method: string
  /** With `:names`. */
  path: string
  doc: RouteDoc | undefined
}

/** What answers to one method at one path; what stands before many routes or refuses the rest is none. */
export function routesOf(app: Pick<Hono<Env>, 'routes'>): Route[] {
  const routes = new Map<string, Route>()
  for (const { method, path, handler } of app.routes) {
    if (method === 'ALL' || path.includes('*')) continue
    const key = `${method} ${path}`
    const doc = docOf(handler) ?? routes.get(key)?.doc
    routes.set(key, { method, path, doc })
  }
  return [...routes.values()]
}

const INTRODUCTION = `\
Send an API key as \`Authorization: Bearer mst_…\`. It acts in the context that \`X-Execution-Context\` names: one’s own wallet and \
runs, or those of a team. Ids of other people and teams are not found.

**Errors** are \`application/problem+json\` with a \`code\` for programs and a \`detail\` for people. **Lists** are \`{items, nextCursor}\`; \
\`nextCursor\` goes into the next request as \`cursor\`, and is null on the last page. Unknown fields and parameters are refused.

A request with an **\`Idempotency-Key\`** that is sent again is carried out once, and answered as before. Amounts are dollars as text.
`

interface Options {
  url: string
  /** Whether answers have what is written and nothing else. For tests: clients must bear more fields. */
  isClosed?: boolean
}

/** The whole API as OpenAPI 3.1, from what stands beside its routes and the schemas they check with. */
export function buildDocument(app: Pick<Hono<Env>, 'routes'>, { url, isClosed = false }: Options): OpenApi {
  const paths: OpenApi['paths'] = {}
  const problems = new Problems()
  for (const { method, path, doc } of routesOf(app)) {
    if (!doc) continue
    const template = path.replaceAll(/:(\w+)/g, '{$1}')
    paths[template] = { ...paths[template], [method.toLowerCase()]: operationOf(method, template, doc, problems) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Muster',
      version: '1',
      summary: 'Team jobs, paid from the right wallet, reviewed by the right people, on record.',
      description: INTRODUCTION,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: [{ url }],
    tags: Object.entries(GROUPS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: viewSchemas(isClosed),
      parameters: PARAMETERS,
      headers: HEADERS,
      responses: problems.described,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', bearerFormat: 'mst_…', description: 'An API key, with its scopes.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'muster',
          description: 'The console’s; `__Host-muster` over https.',
        },
      },
    },
  }
}

function operationOf(method: string, path: string, doc: RouteDoc, problems: Problems): Json {
  const words = path.split('/').filter((part) => part !== '' && part !== 'v1')
  const id = words.map((word) => (word.startsWith('{') ? `by-${word.slice(1, -1)}` : word)).join('-')
  return {
    operationId: camel(`${method.toLowerCase()}-${id}`),
    summary: doc.summary,
    ...(doc.more === undefined ? {} : { description: doc.more }),
    tags: [doc.group],
    security: securityOf(method, doc),
    parameters: parametersOf(method, path, doc),
    ...(doc.body === undefined ? {} : { requestBody: bodyOf(doc.body) }),
    responses: { ...problems.of(path, doc), ...answersOf(path, doc) },
  }
}

const camel = (words: string): string => words.replaceAll(/[-._]+(\w)/g, (_, letter: string) => letter.toUpperCase())

function securityOf(method: string, { asks = 'account', scope }: RouteDoc): Json[] {
  if (asks !== 'account') return []
  return [{ key: [scope ?? (method === 'GET' ? 'read' : 'write')] }, { session: [] }]
}

function bodyOf(body: NonNullable<RouteDoc['body']>): Json {
  if (Array.isArray(body)) {
    return { required: true, content: Object.fromEntries(body.map(({ media, says }) => [media, mediaOf(media, says)])) }
  }
  const schema = requestSchema(body)
  return { required: 'required' in schema, content: { 'application/json': { schema } } }
}

function mediaOf(media: string, says: string): Json {
  // What may be JSON or anything else is of no one type.
  if (media.includes('json') || media === '*/*') return { schema: { description: says } }
  if (!media.startsWith('multipart/')) return { schema: { type: 'string', description: says } }
  const file = { type: 'string', format: 'binary' }
  return { schema: { type: 'object', description: says, required: ['file'], properties: { file } } }
}

function answersOf(path: string, doc: RouteDoc): Json {
  const entries = Object.entries(doc.answers).map(([status, given]) => {
    const answers = Array.isArray(given) ? given : [given]
    const content = Object.assign({}, ...answers.map(contentOf))
    const headers = headersOf(path, status, doc)
    const description = saysOf(status, answers)
    return [status, { description, headers, ...(Object.keys(content).length > 0 ? { content } : {}) }]
  })
  return Object.fromEntries(entries)
}

function contentOf(answer: Answer): Json {
  if (answer === null) return {}
  if (typeof answer === 'string') return { 'application/json': { schema: refTo(answer) } }
  if ('media' in answer) return { [answer.media]: mediaOf(answer.media, answer.says) }
  const schema = {
    type: 'object',
    required: ['items', 'nextCursor'],
    properties: { items: { type: 'array', items: refTo(answer.list) }, nextCursor: { type: ['string', 'null'] } },
  }
  return { 'application/json': { schema } }
}

const SAYS: Record<string, string> = {
  200: 'Done',
  201: 'Made',
  202: 'Accepted; it goes on by itself',
  204: 'Done; there is nothing to say',
  302: 'Go there',
  304: 'It is still what you have',
}

function saysOf(status: string, [only, ...others]: Answer[]): string {
  const isSaid = others.length === 0 && only && typeof only === 'object' && 'media' in only
  return isSaid ? only.says : (SAYS[status] ?? 'As it is')
}

const refTo = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })

/** As it is sent: what is filled in when it is left out need not be there. */
function requestSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

/** Each view by its name; where one is part of another it is referred to. */
function viewSchemas(isClosed: boolean): Json {
  const registry = z.registry<{ id: string }>()
  for (const [id, view] of Object.entries({ ...VIEWS, Problem: PROBLEM })) registry.add(view, { id })
  const uri = (id: string): string => `#/components/schemas/${id}`
  const { schemas } = z.toJSONSchema(registry, {
    io: 'output',
    unrepresentable: 'any',
    uri,
    override({ jsonSchema }) {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (!isClosed && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  })
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]))
}
