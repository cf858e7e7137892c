import type { IncomingMessage } from 'node:http'
import { ApiFail, refuse } from '../errors.ts'
import type { UploadedFile } from '../types.ts'
import { readMultipart } from './multipart.ts'

export interface RequestParts {
  readonly values: Map<string, string>
  /** Of a JSON body: the values as they came. */
  readonly given: Map<string, unknown>
  readonly files: Map<string, UploadedFile>
  readonly oddities: string[]
}

const mostBytes = 60 * 1024 * 1024

/** Parameters of a request, wherever Telegram lets them be: the address, a form, JSON or multipart. */
export async function readRequest(request: IncomingMessage, query: URLSearchParams): Promise<RequestParts> {
  const parts: RequestParts = { values: new Map(query), files: new Map(), given: new Map(), oddities: [] }
  const body = await readBody(request)
  const contentType = request.headers['content-type'] ?? ''
  if (body.length === 0) return parts
  if (contentType.startsWith('multipart/form-data')) {
    const { values, files } = readMultipart(body, contentType)
    for (const [name, value] of values) parts.values.set(name, value)
    for (const [name, file] of files) parts.files.set(name, file)
  } else if (contentType.startsWith('application/json')) addJson(parts, body)
  else if (contentType.startsWith('application/x-www-form-urlencoded')) {
    for (const [name, value] of new URLSearchParams(body.toString('utf8'))) parts.values.set(name, value)
  } else parts.oddities.push(`content type "${contentType}" is not read; its parameters are lost`)
  return parts
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= mostBytes) chunks.push(chunk)
  }
  if (size > mostBytes) throw new ApiFail(413, 'Request Entity Too Large')
  return Buffer.concat(chunks)
}

function addJson(parts: RequestParts, body: Buffer): void {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw refuse("can't parse parameter value: Unexpected symbol")
  }
  // A string body is allowed: Telegram takes it for the parameter named "content".
  if (typeof value === 'string') parts.values.set('content', value)
  else if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('JSON object expected')
  else {
    for (const [name, item] of Object.entries(value)) {
      if (item === null) parts.oddities.push(`parameter "${name}" is null`)
      else {
        parts.given.set(name, item)
        parts.values.set(name, typeof item === 'string' ? item : JSON.stringify(item))
      }
    }
  }
}
