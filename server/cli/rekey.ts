import type { Command } from 'commander'
import { KEY_BYTES, masterKey } from '#core/connections/keyring.ts'
import { countUnderOthers, rewrapSecrets } from '#core/connections/rewrap.ts'
import { keyBytes } from '#core/ids.ts'
import { keyFileOf, readKeyFile, writeKeyFile } from '../master-key.ts'
import { action, type Outcome } from './action.ts'
import { withCore } from './open.ts'
import { CliError, type Output } from './output.ts'

interface Options {
  new?: boolean
  forget?: boolean
}

export function addRekeyCommand(program: Command, outcome: Outcome): void {
  program
    .command('rekey')
    .description('put stored credentials under the current key of MUSTER_KEK, while everything goes on')
    .option('--new', 'first put a new key before the others in the file of keys')
    .option('--forget', 'afterwards remove the older keys from the file')
    .action(action(outcome, rekey))
}

/** Stopped in the middle, it goes on where it was the next time. */
function rekey(output: Output, { new: isNew = false, forget = false }: Options): Promise<number> {
  return withCore(async ({ core, config }) => {
    if (isNew && forget) throw new CliError('usage', 'Forget the older keys later, when every process has the new one.')
    const { keyring } = core.settings
    // Made when it is first asked for.
    keyring.current()
    const path = isNew || forget ? keyFileOf(config) : undefined
    if (isNew && path !== undefined) writeKeyFile(path, [masterKey(keyBytes(KEY_BYTES)), ...readKeyFile(path)])
    const done = await rewrapSecrets(core)
    const current = keyring.current()
    const left = await countUnderOthers(core, current.id)
    const isForgotten = forget && path !== undefined && left === 0
    if (isForgotten) writeKeyFile(path, [current])
    const lines = [
      `${done.rewrapped} put under the key ${current.id}.`,
      ...(left > 0 ? [`${left} are still under others, ${done.unreadable} of them under keys that are not here.`] : []),
      ...(isForgotten ? ['The older keys are removed from the file.'] : []),
      ...(forget && !isForgotten ? ['No key was removed.'] : []),
    ]
    output.answer({ key: current.id, ...done, left, forgotten: isForgotten }, lines)
    return left > 0 ? 1 : 0
  })
}
