import type { ServerResponse } from 'node:http'
import { ApiFail } from '../errors.ts'
import type { World } from '../world/world.ts'
import { answerFail } from './answer.ts'
import { faultFail } from './faults.ts'

/** Hands out the bytes of a file whose path getFile has told. */
export async function serveFile(world: World, path: string, response: ServerResponse): Promise<void> {
  const fault = world.faults.next('file', '')
  if (typeof fault === 'object' && 'code' in fault) return answerFail(response, faultFail(fault))
  if (typeof fault === 'object') await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
  const file = world.files.atPath(path)
  if (!file) return answerFail(response, new ApiFail(404, 'Not Found'))
  if (fault === 'drop-before') return void response.destroy()
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': file.bytes.length })
  if (fault !== 'drop-after') return void response.end(file.bytes)
  // Cut in the middle: the client has a status and some bytes, but never all of them.
  response.write(file.bytes.subarray(0, Math.ceil(file.bytes.length / 2)), () => response.destroy())
}
