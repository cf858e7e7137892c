import { execFileSync } from 'node:child_process'
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = new URL('../..', import.meta.url).pathname
const CONSOLE = join(ROOT, 'server', 'console')
const DIST = join(CONSOLE, 'dist')
/** What the console is made of. */
const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', '../../core/chat/message.ts'].map((name) =>
  join(CONSOLE, name),
)

/**
 * Builds the console as it is shipped, when it is not there as it would be. Several tests may do so at once, and look at it
 * meanwhile: it is built beside the old one and put in its place.
 */
export function buildConsole(): void {
  if (isCurrent()) return
  const fresh = `${DIST}-${process.pid}`
  const words = ['build', 'server/console', '--logLevel', 'error', '--outDir', fresh, '--emptyOutDir']
  execFileSync(process.execPath, ['node_modules/vite/bin/vite.js', ...words], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const old = `${fresh}-old`
  try {
    renameSync(DIST, old)
  } catch {
    // There was none, or another test is putting its own there.
  }
  try {
    renameSync(fresh, DIST)
  } catch {
    // Another one was faster, with the same.
    rmSync(fresh, { recursive: true, force: true })
  }
  rmSync(old, { recursive: true, force: true })
}

function isCurrent(): boolean {
  const built = changedMs(join(DIST, 'index.html'))
  return built !== undefined && SOURCES.every((source) => newestMs(source) <= built)
}

function newestMs(path: string): number {
  const inside = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))
    : []
  return Math.max(...[path, ...inside].map((one) => statSync(one).mtimeMs))
}

const changedMs = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs
