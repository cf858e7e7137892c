import { existsSync, statSync } from 'node:fs'
import { type Keyring, keyringOf } from '#core/connections/keyring.ts'
import { countUnreadable } from '#core/connections/rewrap.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import type { Db } from '#db/db.ts'
import type { Config } from '../../config.ts'
import { keyFileOf, readKeyFile } from '../../master-key.ts'
import { type Check, fail, ok, warn } from './check.ts'

const NAME = 'Credentials'
const NOBODY_ELSE = 0o077

/** Whether what is stored encrypted can be read with the key that is here. Makes no key. */
export async function checkKeys(db: Db, config: Config): Promise<Check> {
  const keys = keysOf(config)
  // Any key opens nothing when there is nothing: then a new one may be made.
  const keyring = keys ?? NONE
  const unreadable = await countUnreadable({ db, settings: { ...DEFAULT_SETTINGS, keyring } })
  if (unreadable > 0) {
    const words = `${unreadable} cannot be read: ${keys ? 'they are under another key' : 'there is no key here'}`
    return fail(
      NAME,
      words,
      'Put the key that they are under back into MUSTER_KEK or its file; no other one opens them.',
    )
  }
  if (!keys) return ok(NAME, 'none is stored; the first start makes a key')
  const path = config.masterKeys ? undefined : keyFileOf(config)
  if (path !== undefined && (statSync(path).mode & NOBODY_ELSE) !== 0) {
    return warn(NAME, `others can read their key, ${path}`, `Run: chmod 600 ${path}`)
  }
  return ok(NAME, `can be read with the key ${keys.current().id}`)
}

function keysOf(config: Config): Keyring | undefined {
  if (config.masterKeys) return keyringOf(config.masterKeys)
  const path = keyFileOf(config)
  return existsSync(path) ? keyringOf(readKeyFile(path)) : undefined
}

const NONE: Keyring = { current: () => ({ id: 'none', bytes: Buffer.alloc(0) }), find: () => undefined }
