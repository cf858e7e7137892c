import { execFileSync } from 'node:child_process'

const ROOT = new URL('../..', import.meta.url).pathname

/** Builds the console as it is shipped. */
export function buildConsole(): void {
  execFileSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', 'server/console', '--logLevel', 'error'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production' },
  })
}
