import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, 'peers')

/** Installs what Muster is measured beside, once and again when one that is needed has been added, by its own lockfile; why not, when that fails. */
export function installPeers(needed = 'bullmq'): string | undefined {
  if (existsSync(join(FOLDER, 'node_modules', needed))) return undefined
  console.error('Installing the peers in tests/bench/peers …')
  const npm = spawnSync('npm', ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund', '--ignore-scripts'], {
    encoding: 'utf8',
  })
  return npm.status === 0 ? undefined : `The peers could not be installed: ${npm.stderr || npm.error?.message}`
}
