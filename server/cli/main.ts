#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { runCli } from './cli.ts'

/** What is set already stays: the file fills in the rest. */
if (existsSync('.env')) process.loadEnvFile('.env')

/** `muster status | head -1`: nobody reads on, and that is no fault of ours. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const exitCode = await runCli(process.argv.slice(2))
// A pool or a worker thread that is slow to end must not keep a finished command waiting.
await new Promise((flushed) => process.stdout.write('', flushed))
process.exit(exitCode)
