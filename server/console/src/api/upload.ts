import { problemOf, unreachable } from './client.ts'
import type { Artifact } from './types.ts'

export interface Upload {
  done: Promise<Artifact>
  cancel: () => void
}

/** Sends one file. `onProgress` gets a share from 0 to 1. The promise rejects with ApiError. */
export function upload(file: File, onProgress: (share: number) => void): Upload {
  // fetch cannot tell how much has gone up; XMLHttpRequest can.
  const request = new XMLHttpRequest()
  const done = new Promise<Artifact>((resolve, reject) => {
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total)
    }
    request.onload = () => {
      if (request.status < 200 || request.status >= 300) {
        reject(problemOf(request.status, request.responseText, request.getResponseHeader('x-request-id')))
        return
      }
      try {
        resolve(JSON.parse(request.responseText) as Artifact)
      } catch {
        reject(unreachable())
      }
    }
    request.onerror = () => reject(unreachable())
    request.onabort = () => reject(unreachable())
  })
  const body = new FormData()
  body.append('file', file, file.name)
  request.open('POST', '/v1/artifacts')
  request.setRequestHeader('accept', 'application/json')
  request.send(body)
  return { done, cancel: () => request.abort() }
}
