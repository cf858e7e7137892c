#!/usr/bin/env -S node --max-semi-space-size=16 --expose-gc
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * What Node makes of our sources at each start, read from a folder the next time: half of a start. Beside the packages, where
 * only who may change the program may write; where nobody may, it starts without.
 */
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/muster', import.meta.url)))
// After the cache is there: an import at the top would come before it.
const { runCli } = await import('./cli.ts')

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
