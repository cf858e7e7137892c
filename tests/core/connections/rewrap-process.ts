import { keyringOf, readMasterKeys } from '#core/connections/keyring.ts'
import { rewrapSecrets } from '#core/connections/rewrap.ts'
import { DEFAULT_SETTINGS } from '#core/settings.ts'
import { openDatabase } from '#db/open.ts'

/** Puts secrets under another key, and is killed from within a transaction after so many. */
const [url = '', keys = '', batches = ''] = process.argv.slice(2)
const db = await openDatabase(url)
let left = Number(batches)
const dying: typeof db = Object.create(db, {
  write: {
    value: ((body, options) =>
      db.write(async (tx) => {
        const result = await body(tx)
        if (left-- === 0) process.kill(process.pid, 'SIGKILL')
        return result
      }, options)) as typeof db.write,
  },
})
await rewrapSecrets({ db: dying, settings: { ...DEFAULT_SETTINGS, keyring: keyringOf(readMasterKeys(keys) ?? []) } })
