import type { Server } from '@modelcontextprotocol/server'
import { SdkError, SdkErrorCode } from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { createWebChannel } from '#bots/web/chat.ts'
import { contextFromRequest } from '#core/contexts/explicit.ts'
import type { Core } from '#core/core.ts'
import { seedShipped } from '#core/jobs/seed.ts'
import { readConfig } from '../../config.ts'
import type { Caller } from '../../mcp/caller.ts'
import { pipesOf } from '../../mcp/pipes.ts'
import { createRelay } from '../../mcp/relay.ts'
import { Remote } from '../../mcp/remote.ts'
import { createMcpServer } from '../../mcp/server.ts'
import { withCore } from '../open.ts'
import { operatorActor, operatorOrFirst } from '../operator.ts'
import { CliError, messageOf, type Output } from '../output.ts'
import { startWorker } from '../worker.ts'

export interface Options {
  url?: string
  as?: string
  account?: string
  readOnly?: boolean
}

/** With a key over HTTP, where everything is as for that key; without one on the database itself. */
export function serveMcp(output: Output, options: Options): Promise<undefined> {
  const { apiKey, publicUrl } = readConfig()
  if (!apiKey && options.url !== undefined) {
    throw new CliError('bad_settings', 'Put the API key into MUSTER_API_KEY: muster key create makes one.')
  }
  if (!apiKey) return onDatabase(output, options)
  const url = (options.url ?? publicUrl).replace(/\/+$/, '')
  const context = options.as === undefined ? undefined : contextFromRequest(options.as)
  output.note(`Passing on to ${url}.`)
  const remote = new Remote({ url, key: apiKey, context })
  return speak(output, () => createRelay(remote))
}

function onDatabase(output: Output, options: Options): Promise<undefined> {
  return withCore(async ({ core }) => {
    await seedShipped(core)
    const caller = await callerOf(core, output, options)
    // As for `muster run`: what is started is worked on here, with or without a server beside it.
    const stopWorker = await startWorker(core, { senders: new Map([['web', createWebChannel(core)]]) })
    output.note(`You are @${caller.account.handle}.`)
    return speak(output, () => createMcpServer({ core, caller, isCancel })).finally(stopWorker)
  })
}

async function callerOf(core: Core, output: Output, { account: handle, as, readOnly }: Options): Promise<Caller> {
  const account = await operatorOrFirst(core, handle, output)
  const scopes = readOnly ? (['read'] as const) : []
  if (as === undefined) return { account, scopes }
  const { context } = await operatorActor(core, account, { channel: 'mcp', as })
  return { account, scopes, context: `${context.type}/${context.id}` }
}

/** A pipe that is closed stops nothing: what was begun goes on, here or at the next start. */
const isCancel = (reason: unknown): boolean =>
  !(reason instanceof SdkError && reason.code === SdkErrorCode.ConnectionClosed)

/** Until the other side has closed the pipe and has its answers, or this one is told to stop. */
async function speak(output: Output, create: () => Server): Promise<undefined> {
  const { input, output: out, ended } = pipesOf(process.stdin, process.stdout)
  const onerror = (error: Error): void => output.note(messageOf(error))
  const handle = serveStdio(create, { transport: new StdioServerTransport(input, out), onerror })
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  await Promise.race([ended, told])
  await handle.close()
  // An open standard input would keep the process.
  process.stdin.destroy()
}
