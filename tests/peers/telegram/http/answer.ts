import type { ServerResponse } from 'node:http'
import type { ApiFail } from '../errors.ts'

export function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}

export function answerFail(response: ServerResponse, fail: ApiFail): void {
  const parameters = fail.parameters ? { parameters: fail.parameters } : {}
  answer(response, fail.code, { ok: false, error_code: fail.code, description: fail.description, ...parameters })
}
