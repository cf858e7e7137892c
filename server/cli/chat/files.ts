import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import type { Account } from '#core/accounts/account.ts'
import { FILE_MAX_BYTES, readArtifact, storeArtifact } from '#core/artifacts/store.ts'
import type { IncomingFile } from '#core/chat/message.ts'
import { personal } from '#core/context.ts'
import type { Core } from '#core/core.ts'
import { CliError, messageOf } from '../output.ts'
import type { FilePart } from './choices.ts'

const FOLDER = 'muster-files'
const TRIES = 1_000

const MEDIA_TYPES: Record<string, string> = {
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
}

/** Writes a file of the conversation into `./muster-files/`, beside those of the same name. Gives its path. */
export async function saveFile(core: Pick<Core, 'db'>, file: FilePart): Promise<string> {
  const found = await readArtifact(core.db, file.artifactId)
  if (!found) throw new CliError('not_found', `${file.name} is not there any more.`)
  mkdirSync(FOLDER, { recursive: true })
  // Whatever somebody called it, it stays in this folder.
  const name = basename(found.name).replace(/^\.+/, '') || 'file'
  const extension = extname(name)
  const stem = name.slice(0, name.length - extension.length)
  for (let number = 1; number <= TRIES; number++) {
    const path = join(FOLDER, number === 1 ? name : `${stem}-${number}${extension}`)
    try {
      writeFileSync(path, found.bytes, { flag: 'wx' })
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  throw new CliError('conflict', `${FOLDER} is full of files called ${name}.`)
}

/** Keeps a file of this machine as one that is sent with the next message. */
export async function attachFile(core: Core, account: Account, path: string): Promise<IncomingFile> {
  const bytes = readFile(path)
  const mediaType = MEDIA_TYPES[extname(path).toLowerCase()] ?? 'text/plain'
  const file = { context: personal(account.id), accountId: account.id, name: basename(path), mediaType, bytes }
  const nowMs = core.clock.nowMs()
  const { id, name, sizeBytes } = await core.db.write(async function keepAttachment(tx) {
    return storeArtifact(core, tx, { ...file, nowMs })
  })
  return { name, mediaType, sizeBytes, fetchRef: id }
}

function readFile(path: string): Uint8Array {
  try {
    if (statSync(path).size > FILE_MAX_BYTES) throw new Error('it is larger than 50 MB')
    return readFileSync(path)
  } catch (error) {
    throw new CliError('bad_input', `${path} cannot be read: ${messageOf(error)}`)
  }
}
