import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApiFail } from '../errors.ts'
import type { World } from '../world/world.ts'
import { answer, answerFail } from './answer.ts'
import { readRequest } from './body.ts'
import { serveFile } from './download.ts'
import { runCall } from './run.ts'

export interface Listening {
  readonly url: string
  stop(): Promise<void>
}

const KEEP_ALIVE_MS = 120_000

/** Listens on this machine only, on a port that is free when none is asked for. */
export async function listen(world: World, wanted = 0): Promise<Listening> {
  const server = createServer((request, response) => {
    handle(world, request, response).catch((error: unknown) => {
      // A client that hung up is its own business; anything else is a fault in this server and must be seen.
      if (!response.destroyed) answerFail(response, new ApiFail(500, `Internal Server Error: ${String(error)}`))
    })
  })
  // Node hangs up on a connection after five idle seconds, on a slow machine in the very moment in which the client uses it again.
  server.keepAliveTimeout = KEEP_ALIVE_MS
  await new Promise<void>((resolve) => server.listen(wanted, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, stop: () => close(server) }
}

async function handle(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
  const [, download, token, path] = /^\/(file\/)?bot([^/]+)\/(.+)$/.exec(decodeURI(pathname)) ?? []
  if (token === undefined || path === undefined) return answerFail(response, new ApiFail(404, 'Not Found'))
  if (token !== world.token) {
    // What cannot be a token at all is a wrong address, not a wrong key.
    const fail = /^\d+:[\w-]{20,}$/.test(token) ? new ApiFail(401, 'Unauthorized') : new ApiFail(404, 'Not Found')
    return answerFail(response, fail)
  }
  if (download) return serveFile(world, path, response)
  if (request.method !== 'GET' && request.method !== 'POST') {
    return answer(response, 405, { ok: false, error_code: 405, description: 'Method Not Allowed' })
  }
  try {
    const parts = await readRequest(request, searchParams)
    await runCall(world, path, parts, response)
  } catch (error) {
    if (!(error instanceof ApiFail)) throw error
    // Such a request never became a call, so this is the only trace of it.
    world.violations.push({ callId: 0, method: path, message: error.description })
    answerFail(response, error)
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
