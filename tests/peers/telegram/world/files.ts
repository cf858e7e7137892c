import { randomBytes } from 'node:crypto'
import type { UploadedFile } from '../types.ts'

export interface StoredFile extends UploadedFile {
  readonly kind: 'document' | 'photo'
  readonly fileId: string
  readonly uniqueId: string
  readonly width: number
  readonly height: number
  /** Known only once asked for; before that there is nothing to download. */
  path: string | undefined
}

export class FileStore {
  readonly #byId = new Map<string, StoredFile>()

  add(file: UploadedFile, kind: StoredFile['kind'], size = { width: 0, height: 0 }): StoredFile {
    const prefix = kind === 'photo' ? 'AgACAgIAAx' : 'BQACAgIAAx'
    const stored: StoredFile = {
      ...file,
      ...size,
      kind,
      fileId: prefix + randomBytes(36).toString('base64url'),
      uniqueId: `AgAD${randomBytes(6).toString('base64url')}`,
      path: undefined,
    }
    this.#byId.set(stored.fileId, stored)
    return stored
  }

  get(fileId: string): StoredFile | undefined {
    return this.#byId.get(fileId)
  }

  open(file: StoredFile): string {
    const folder = file.kind === 'photo' ? 'photos' : 'documents'
    const extension = /\.[A-Za-z0-9]+$/.exec(file.name)?.[0] ?? (file.kind === 'photo' ? '.jpg' : '')
    file.path ??= `${folder}/file_${[...this.#byId.values()].filter(({ path }) => path).length}${extension}`
    return file.path
  }

  atPath(path: string): StoredFile | undefined {
    return [...this.#byId.values()].find((file) => file.path === path)
  }
}
