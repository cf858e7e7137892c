import { useCallback, useEffect, useRef, useState } from 'react'
import { newKey, sentenceOf } from '../api/client.ts'
import type { Artifact } from '../api/types.ts'
import { type Upload, upload } from '../api/upload.ts'

/** A file beside the composer. It goes up at once; the message only names it. */
export interface Attachment {
  key: string
  name: string
  sizeBytes: number
  state: 'uploading' | 'ready' | 'failed'
  /** 0 to 1. */
  share: number
  problem?: string
  artifact?: Artifact
}

const ready = (artifact: Artifact): Attachment => ({
  key: artifact.id,
  name: artifact.name,
  sizeBytes: artifact.sizeBytes,
  state: 'ready',
  share: 1,
  artifact,
})

export function useAttachments(stored: Artifact[]) {
  const [attachments, setAttachments] = useState<Attachment[]>(() => stored.map(ready))
  const uploads = useRef(new Map<string, { file: File; upload: Upload }>())

  const change = useCallback(
    (key: string, next: Partial<Attachment>) =>
      setAttachments((list) => list.map((one) => (one.key === key ? { ...one, ...next } : one))),
    [],
  )

  const start = useCallback(
    (key: string, file: File) => {
      const running = upload(file, (share) => change(key, { share }))
      uploads.current.set(key, { file, upload: running })
      running.done.then(
        (artifact) => change(key, { state: 'ready', share: 1, artifact }),
        (error) => change(key, { state: 'failed', problem: sentenceOf(error) }),
      )
    },
    [change],
  )

  const add = useCallback(
    (files: Iterable<File>) => {
      for (const file of files) {
        const key = newKey()
        const one: Attachment = { key, name: file.name || 'file', sizeBytes: file.size, state: 'uploading', share: 0 }
        setAttachments((list) => [...list, one])
        start(key, file)
      }
    },
    [start],
  )

  const retry = (key: string): void => {
    const known = uploads.current.get(key)
    if (!known) return
    change(key, { state: 'uploading', share: 0 })
    start(key, known.file)
  }

  const remove = (key: string): void => {
    uploads.current.get(key)?.upload.cancel()
    uploads.current.delete(key)
    setAttachments((list) => list.filter((one) => one.key !== key))
  }

  const clear = (): void => {
    uploads.current.clear()
    setAttachments([])
  }

  useEffect(() => {
    const running = uploads.current
    return () => {
      for (const { upload } of running.values()) upload.cancel()
    }
  }, [])

  const files = attachments.flatMap((one) => (one.artifact ? [one.artifact] : []))
  return { attachments, files, add, retry, remove, clear }
}
