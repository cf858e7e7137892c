import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { type Program, ROOT } from './program.ts'
import { typed } from './terminal.ts'

/** What a program that speaks MCP asks and is answered: the answers' text, as a model reads it. */
export async function mcpSession(program: Program): Promise<string> {
  const { environment } = program
  await typed('npm run -s muster -- account create ana --admin', environment)
  const client = new Client({ name: 'desktop', version: '1.0.0' })
  const { PATH = '', HOME = '', DATABASE_URL = '' } = environment
  await client.connect(
    new StdioClientTransport({
      command: 'node',
      args: [join(ROOT, 'server', 'cli', 'main.ts'), 'mcp'],
      env: { PATH, HOME, DATABASE_URL },
      stderr: 'ignore',
    }),
  )
  const call = async (name: string, args: Record<string, unknown>): Promise<string> => {
    const { content } = await client.callTool({ name, arguments: args })
    const text = content.map((part) => (part.type === 'text' ? part.text.trimEnd() : '')).join('\n\n')
    return `→ tools/call ${name} ${JSON.stringify(args)}\n${indented(text)}`
  }
  try {
    const { tools } = await client.listTools()
    const families = Object.values(Object.groupBy(tools, ({ name }) => name.split('.').slice(0, -1).join()))
    const names = families.map((family = []) => family.map(({ name }) => name).join(', '))
    const parts = [`→ tools/list\n${indented(names.join('\n'))}`]
    const commits = '4f1c2aa feat: dark mode\n9be03d1 fix: a typo'
    parts.push(await call('jobs.quote', { jobId: 'release-notes' }))
    parts.push(await call('release-notes', { commits, title: 'Friday' }))
    parts.push(await call('release-notes', { title: 'Friday' }))
    parts.push(await call('release-notes', { commits, confirmUpToUsd: '0.001' }))
    parts.push(await call('leases.acquire', { resource: 'deploy', purpose: 'Release on Friday' }))
    return parts.join('\n\n')
  } finally {
    await client.close()
  }
}

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ')
