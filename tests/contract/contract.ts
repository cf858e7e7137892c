import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Hono } from 'hono'
import type { Env } from '#server/env.ts'
import { buildDocument, type OpenApi } from '#server/openapi/document.ts'

/** One request and its answer, as they went over the wire. */
export interface Exchange {
  method: string
  /** With its query. */
  path: string
  headers: Record<string, string>
  /** The body that was sent, when it was text. */
  sent?: string
  status: number
  answered: Headers
  text: string
}

interface Operation {
  template: string
  method: string
  parameters: Parameter[]
  requestBody?: { content: Record<string, object> }
  responses: Record<string, { headers?: Record<string, object>; content?: Record<string, object> }>
}

interface Parameter {
  name: string
  in: string
  required?: boolean
  schema: { type?: string }
}

const known = new Map<string, Contract>()

/** Of an app, made once for all apps that have the same routes: to make one takes longer than most tests. */
export function contractOf(app: Pick<Hono<Env>, 'routes'>): Contract {
  const routes = app.routes.map(({ method, path }) => `${method} ${path}`).join('\n')
  const contract = known.get(routes) ?? new Contract(app)
  known.set(routes, contract)
  return contract
}

/** What the document promises, held against what was really asked and answered. */
export class Contract {
  readonly #document: OpenApi
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, formats: FORMATS })
  readonly #paths: { template: string; pattern: RegExp }[]

  constructor(app: Pick<Hono<Env>, 'routes'>) {
    this.#document = buildDocument(app, { url: 'http://muster.test', isClosed: true })
    this.#ajv.addSchema(this.#document, 'api')
    this.#paths = Object.keys(this.#document.paths)
      .map((template) => ({ template, pattern: patternOf(template) }))
      // What is written out comes before what is a parameter.
      .sort((a, b) => parametersIn(a.template) - parametersIn(b.template))
  }

  /** Everything about it that is not as described; `undefined` when no operation is meant. */
  faults(exchange: Exchange): string[] | undefined {
    const operation = this.#operation(exchange)
    if (!operation) return undefined
    // What was refused need not have been right.
    const asked = exchange.status < 400 ? this.#askedFaults(operation, exchange) : []
    return [...asked, ...this.#answerFaults(operation, exchange)]
  }

  #operation({ method, path }: Exchange): Operation | undefined {
    const [plain = ''] = path.split('?')
    const name = method.toLowerCase()
    const found = this.#paths.find(
      ({ template, pattern }) => pattern.test(plain) && this.#document.paths[template]?.[name],
    )
    if (!found) return undefined
    const operation = this.#document.paths[found.template]?.[name] as unknown as Operation
    return {
      ...operation,
      template: found.template,
      method: name,
      parameters: operation.parameters.map((one) => this.#resolved(one)),
    }
  }

  #resolved<T extends object>(part: T): T {
    if (!('$ref' in part)) return part
    const steps = String(part.$ref).split('/').slice(1)
    return steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], this.#document) as T
  }

  #askedFaults(operation: Operation, { path, headers, sent }: Exchange): string[] {
    const query = new URL(path, 'http://muster.test').searchParams
    const known = operation.parameters.filter((one) => one.in === 'query')
    const unknown = [...query.keys()].filter((name) => !known.some((one) => one.name === name))
    const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    const missing = operation.parameters.filter(
      (one) =>
        one.required &&
        ((one.in === 'query' && !query.has(one.name)) || (one.in === 'header' && !given.has(one.name.toLowerCase()))),
    )
    return [
      ...unknown.map((name) => `the query has ${name}, which is not described`),
      ...missing.map(({ name }) => `${name} is needed, but it went without`),
      ...this.#bodyFaults(operation, given.get('content-type') ?? '', sent),
    ]
  }

  #bodyFaults({ requestBody, template, method }: Operation, type: string, sent: string | undefined): string[] {
    if (!sent) return []
    if (!requestBody) return ['a body was taken, and none is described']
    const [media = ''] = type.split(';')
    if ('*/*' in requestBody.content) return []
    if (!(media in requestBody.content)) return [`a body of ${media} was taken, which is not described`]
    const { schema } = requestBody.content[media] as { schema: object }
    // What is described in words alone is checked by nobody.
    if (!isJson(media) || Object.keys(schema).join() === 'description') return []
    return this.#check(['paths', template, method, 'requestBody', 'content', media, 'schema'], JSON.parse(sent)).map(
      (fault) => `the body: ${fault}`,
    )
  }

  #answerFaults({ responses, template, method }: Operation, { status, answered, text }: Exchange): string[] {
    const described = responses[status]
    if (!described) return [`it answered ${status}, which is not described: ${text.slice(0, 200)}`]
    const response = this.#resolved(described)
    const undescribed = TOLD.filter((name) => answered.has(name) && status < 400 && !(name in (response.headers ?? {})))
    const headers = undescribed.map((name) => `the answer has ${name}, which is not described`)
    if (text === '') return response.content && status !== 304 ? [...headers, 'the answer has no body'] : headers
    const [media = ''] = (answered.get('content-type') ?? '').split(';')
    if (response.content && '*/*' in response.content) return headers
    if (!response.content || !(media in response.content)) return [...headers, `a body of ${media} is not described`]
    if (!isJson(media)) return headers
    const place =
      '$ref' in described
        ? String(described.$ref).split('/').slice(1)
        : ['paths', template, method, 'responses', String(status)]
    const faults = this.#check([...place, 'content', media, 'schema'], JSON.parse(text))
    return [...headers, ...faults.map((fault) => `the answer ${status}: ${fault}`)]
  }

  #check(pointer: string[], value: unknown): string[] {
    const at = pointer.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')
    const validate: ValidateFunction | undefined = this.#ajv.getSchema(`api#/${at}`)
    if (!validate) throw new Error(`There is no schema at ${at}`)
    if (validate(value)) return []
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath || 'it'} ${message} ${JSON.stringify(params)}`,
    )
  }
}

/** Headers that clients go by: an answer has none of them that is not described. */
const TOLD = ['Location', 'ETag', 'Idempotency-Replayed', 'RateLimit-Limit']

const FORMATS = {
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uri: (text: string) => URL.canParse(text),
}

const isJson = (media: string): boolean => /[/+]json$/.test(media)

const parametersIn = (template: string): number => template.split('{').length
const patternOf = (template: string): RegExp =>
  new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+').replaceAll('.', '\\.')}$`)
