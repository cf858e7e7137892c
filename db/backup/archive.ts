import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BackupError, type Manifest, readManifestText } from './manifest.ts'

/**
 * A backup is a tar file of two: what it is, and the database. Whoever has lost this program can take it apart with any
 * `tar`.
 */
const MANIFEST = 'manifest.json'
const DATABASE: Record<Manifest['dialect'], string> = { sqlite: 'muster.db', postgres: 'muster.dump' }
const BLOCK = 512
const CHUNK = 1024 * 1024
const MANIFEST_MAX = 1024 * 1024
/** Credentials are encrypted in it; people's words are not. */
const MODE = 0o600

export async function hashFile(path: string): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
    hash.update(chunk as Buffer)
    sizeBytes += (chunk as Buffer).length
  }
  return { sizeBytes, sha256: hash.digest('hex') }
}

/** Written beside, on the disk, and only then there under its name: a file of that name is whole. */
export async function writeArchive(path: string, manifest: Manifest, database: string): Promise<void> {
  const draft = `${path}.part-${process.pid}`
  const file = await open(draft, 'wx', MODE)
  try {
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
    await writeMember(file, { name: MANIFEST, sizeBytes: text.length, atMs: manifest.takenAtMs }, [text])
    const member = {
      name: DATABASE[manifest.dialect],
      sizeBytes: manifest.database.sizeBytes,
      atMs: manifest.takenAtMs,
    }
    await writeMember(file, member, createReadStream(database, { highWaterMark: CHUNK }))
    await file.write(Buffer.alloc(2 * BLOCK))
    await file.sync()
    await file.close()
    await rename(draft, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await file.close().catch(() => {})
    await rm(draft, { force: true })
    throw error
  }
}

/** What the backup says of itself, and where in the file its database is. */
export async function openArchive(path: string): Promise<{ manifest: Manifest; databaseAt: number }> {
  const file = await openToRead(path)
  try {
    const first = await memberAt(file, 0)
    if (first?.name !== MANIFEST || first.sizeBytes > MANIFEST_MAX) throw notOne()
    const text = Buffer.alloc(first.sizeBytes)
    await file.read(text, 0, text.length, BLOCK)
    const manifest = readManifestText(text.toString('utf8'))
    const at = BLOCK + padded(first.sizeBytes)
    const second = await memberAt(file, at)
    if (second?.name !== DATABASE[manifest.dialect] || second.sizeBytes !== manifest.database.sizeBytes) throw damaged()
    return { manifest, databaseAt: at + BLOCK }
  } finally {
    await file.close()
  }
}

/** Takes the database out, to a new file, and checks that it is byte for byte what was put in. */
export async function extractDatabase(path: string, to: string): Promise<Manifest> {
  const { manifest, databaseAt } = await openArchive(path)
  const { sizeBytes, sha256 } = manifest.database
  const hash = createHash('sha256')
  const file = await open(to, 'wx', MODE)
  try {
    const end = databaseAt + sizeBytes - 1
    let read = 0
    if (sizeBytes > 0) {
      for await (const chunk of createReadStream(path, { start: databaseAt, end, highWaterMark: CHUNK })) {
        hash.update(chunk as Buffer)
        read += (chunk as Buffer).length
        await file.write(chunk as Buffer)
      }
    }
    if (read !== sizeBytes || hash.digest('hex') !== sha256) throw damaged()
    await file.sync()
    await file.close()
    return manifest
  } catch (error) {
    await file.close().catch(() => {})
    await rm(to, { force: true })
    throw error
  }
}

const notOne = (): BackupError => new BackupError('not_a_backup', 'This file is not a backup of Muster.')
const damaged = (): BackupError =>
  new BackupError('damaged', 'This backup is damaged: its database is not what was put in. Take another one.')

async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw new BackupError('not_found', `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`)
  }
}

/** So that a new name survives a power cut as well. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}

interface Member {
  name: string
  sizeBytes: number
  atMs: number
}

const padded = (sizeBytes: number): number => Math.ceil(sizeBytes / BLOCK) * BLOCK

async function writeMember(file: FileHandle, member: Member, content: Iterable<Buffer> | AsyncIterable<Buffer>) {
  await file.write(headerOf(member))
  let written = 0
  for await (const chunk of content) {
    written += chunk.length
    await file.write(chunk)
  }
  if (written !== member.sizeBytes) throw new Error(`${member.name} has changed while it was copied`)
  await file.write(Buffer.alloc(padded(written) - written))
}

/** Size in the eleven octal digits of ustar, or, past 8 GiB, in binary as GNU tar does. */
function headerOf({ name, sizeBytes, atMs }: Member): Buffer {
  const header = Buffer.alloc(BLOCK)
  header.write(name, 0, 100)
  header.write('0000600\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  if (sizeBytes < 8 ** 11) header.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124)
  else {
    header[124] = 0x80
    header.writeBigUInt64BE(BigInt(sizeBytes), 128)
  }
  header.write(
    `${Math.floor(atMs / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  )
  header.fill(0x20, 148, 156)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  header.write(`${sumOf(header).toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

const sumOf = (header: Buffer): number => header.reduce((sum, byte) => sum + byte, 0)

async function memberAt(file: FileHandle, at: number): Promise<{ name: string; sizeBytes: number } | undefined> {
  const header = Buffer.alloc(BLOCK)
  const { bytesRead } = await file.read(header, 0, BLOCK, at)
  if (bytesRead < BLOCK || header.toString('latin1', 257, 262) !== 'ustar') return undefined
  const sizeBytes =
    header[124] === 0x80 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(header.toString('latin1', 124, 135), 8)
  return { name: header.toString('utf8', 0, header.indexOf(0)), sizeBytes }
}
