import type { Command } from 'commander'
import { action, type Outcome } from './action.ts'
import type { Options } from './mcp/serve.ts'

export function addMcpCommand(program: Command, outcome: Outcome): void {
  program
    .command('mcp')
    .description('jobs, runs, reviews and the board for a program that speaks MCP over standard input and output')
    .option('--url <address>', 'a server, asked with the key in MUSTER_API_KEY; PUBLIC_URL when only the key is there')
    .option('--as <context>', 'who pays, always: team/<id> or user/<id>; on the database also personal or team:<name>')
    .option('--account <handle>', 'on the database: who speaks; the only admin when left out')
    .option('--read-only', 'on the database: only what changes nothing and costs nothing')
    .action(
      action(outcome, async (output, options: Options) => {
        // The protocol's kit takes half a second, which the other commands need not wait for.
        const { serveMcp } = await import('./mcp/serve.ts')
        return serveMcp(output, options)
      }),
    )
}
