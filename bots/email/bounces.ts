import type { Headers } from './headers.ts'

const REPORT_MAX_BYTES = 256 * 1024

/** What a report says of a mail that was not delivered; undefined for one that says something else. */
export function readBounce(headers: Headers, raw: Uint8Array): { isHard: boolean; reason: string } | undefined {
  if (!/^multipart\/report\b.*delivery-status/i.test(headers.get('content-type') ?? '')) return undefined
  const text = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, REPORT_MAX_BYTES)).toString('latin1')
  const action = /^Action:[ \t]*(\w+)/im.exec(text)?.[1]?.toLowerCase()
  const status = /^Status:[ \t]*([245]\.\d{1,3}\.\d{1,3})/im.exec(text)?.[1]
  if (action !== 'failed' && action !== 'delayed') return undefined
  // A full mailbox is emptied one day; an address that is not there stays so.
  const isHard = action === 'failed' && status?.startsWith('5.') === true && !status.startsWith('5.2.2')
  return { isHard, reason: `The mail server says ${status ?? action}.` }
}
