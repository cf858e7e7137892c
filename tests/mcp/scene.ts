import { type ServerType, serve } from '@hono/node-server'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { Actor } from '#core/actor.ts'
import { teamContext } from '#core/context.ts'
import { saveJob } from '#core/jobs/save.ts'
import type { JsonObject } from '#core/json.ts'
import { createTeam } from '#core/teams/create.ts'
import { addMember } from '#core/teams/members.ts'
import type { Dialect } from '#db/db.ts'
import { type Api, createApi, type Person } from '#tests/server/api.ts'

/** Both revisions that are spoken: with a request that stands for itself, and with a handshake. */
export const ERAS = ['modern', 'legacy'] as const
export type Era = (typeof ERAS)[number]

export interface Scene {
  api: Api
  url: string
  ada: Person
  /** A client of the official kit, over a real socket. */
  connect(who: Person | string, options?: { era?: Era; context?: string }): Promise<Client>
  /** The person in a team that is theirs, with `members` in it. */
  team(owner: Person, name: string, members?: Person[]): Promise<Actor>
  job(actor: Actor, definition: JsonObject, options?: { publish?: boolean }): Promise<void>
  /** As a process does that is told to stop; what works on runs goes on. */
  stopServer(): Promise<void>
  end(): Promise<void>
}

export async function createScene(dialect: Dialect, env: Record<string, string> = {}): Promise<Scene> {
  const stopping = new AbortController()
  const api = await createApi(dialect, { env, stopping: stopping.signal })
  const ada = await api.person('ada')
  const { url, close } = await listen(api)
  const clients: Client[] = []
  return {
    api,
    url,
    ada,
    async connect(who, { era = 'modern', context } = {}) {
      const client = new Client(
        { name: 'test', version: '1.0.0' },
        { versionNegotiation: { mode: era === 'modern' ? { pin: '2026-07-28' } : 'legacy' } },
      )
      const headers = {
        Authorization: `Bearer ${typeof who === 'string' ? who : who.key}`,
        ...(context === undefined ? {} : { 'X-Execution-Context': context }),
      }
      const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } })
      await client.connect(transport)
      clients.push(client)
      return client
    },
    async team(owner, name, members = []) {
      const actor = actorOf(owner)
      const { id: teamId } = await createTeam(api.core, actor, { name })
      const credit = { json: { amountUsd: '0.1', reason: 'test' }, once: teamId }
      await api.call(owner, 'POST', `/v1/teams/${teamId}/economy/credit`, credit)
      for (const { accountId } of members) await addMember(api.core, actor, { teamId, accountId, role: 'member' })
      return { ...actor, context: teamContext(teamId) }
    },
    async job(actor, definition, { publish = true } = {}) {
      await saveJob(api.core, actor, { source: definition, publish })
    },
    async stopServer() {
      stopping.abort()
      await close()
    },
    async end() {
      await Promise.all(clients.map((client) => client.close()))
      await close()
      await api.end()
    },
  }
}

export const actorOf = ({ accountId, handle }: Person): Actor => ({
  accountId,
  handle,
  platformRole: 'user',
  channel: 'api',
  context: { type: 'user', id: accountId },
})

function listen({ app }: Api): Promise<{ url: string; close(): Promise<void> }> {
  return new Promise((resolve) => {
    const server: ServerType = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed())
            if ('closeAllConnections' in server) server.closeAllConnections()
          }),
      }),
    )
  })
}

/** What a call answered, to be looked at field by field. */
export interface Called {
  isError: boolean
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: each tool answers with something of its own
  body: any
}

export async function call(client: Client, name: string, args: JsonObject = {}, options = {}): Promise<Called> {
  const answer = await client.callTool({ name, arguments: args }, options)
  const texts = answer.content.map((part) => (part.type === 'text' ? part.text : `(${part.type})`))
  return { isError: answer.isError === true, text: texts.join('\n'), body: answer.structuredContent }
}

/** Says something, and costs half a tenth of a cent. */
export const sayJob = (jobId: string, more: JsonObject = {}): JsonObject => ({
  jobId,
  displayName: 'Say',
  description: 'Says a word.',
  inputSchema: { type: 'object', required: ['word'], properties: { word: { type: 'string' } } },
  steps: [
    { stepId: 'say', toolId: 'text.template', inputMappings: { template: { input: 'word' }, data: { value: {} } } },
  ],
  outputs: { said: { step: 'say', output: 'text' } },
  ...more,
})

/** Does nothing for a while before it says something. */
export const slowJob = (jobId: string, ms = 60_000): JsonObject =>
  sayJob(jobId, {
    displayName: 'Slow',
    steps: [
      { stepId: 'pause', wait: { ms } },
      { stepId: 'say', toolId: 'text.template', inputMappings: { template: { input: 'word' }, data: { value: {} } } },
    ],
  })
