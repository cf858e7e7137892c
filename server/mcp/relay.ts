import {
  type CallToolResult,
  type ListToolsResult,
  type ReadResourceResult,
  Server,
} from '@modelcontextprotocol/server'
import type { Remote } from './remote.ts'
import { CAPABILITIES, INSTRUCTIONS, SERVER_INFO } from './server.ts'

type Params = Record<string, unknown>

/** The server that stands at another address, for programs that only speak to one they start: it passes on and keeps nothing. */
export function createRelay(remote: Remote): Server {
  const server = new Server(SERVER_INFO, { capabilities: CAPABILITIES, instructions: INSTRUCTIONS })

  server.setRequestHandler('tools/list', async ({ params }, { mcpReq }) => {
    return (await remote.ask('tools/list', bare(params), mcpReq)) as ListToolsResult
  })

  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    const { progressToken } = params._meta ?? {}
    const progress = (at: Params): Promise<void> =>
      mcpReq.notify({ method: 'notifications/progress', params: { ...at, progressToken } }).catch(() => {})
    const asking = { signal: mcpReq.signal, ...(progressToken === undefined ? {} : { progress }) }
    return (await remote.ask('tools/call', bare(params), asking)) as CallToolResult
  })

  server.setRequestHandler('resources/list', async ({ params }, { mcpReq }) => {
    return (await remote.ask('resources/list', bare(params), mcpReq)) as { resources: [] }
  })
  server.setRequestHandler('resources/templates/list', async ({ params }, { mcpReq }) => {
    return (await remote.ask('resources/templates/list', bare(params), mcpReq)) as { resourceTemplates: [] }
  })
  server.setRequestHandler('resources/read', async ({ params }, { mcpReq }) => {
    return (await remote.ask('resources/read', bare(params), mcpReq)) as ReadResourceResult
  })
  return server
}

/** What belongs to the exchange with the program that asks stays there. */
function bare(params: Params | undefined): Params {
  const { _meta: _, ...rest } = params ?? {}
  return rest
}
