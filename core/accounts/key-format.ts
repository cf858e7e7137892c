import { crc32 } from 'node:zlib'
import type { Ids } from '../ids.ts'
import { randomText } from './codes.ts'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const KEY = /^mst_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/

/** `mst_`, 30 random characters of base 62 (178 bits), 6 of their CRC-32: a typing slip or a scanner needs no database. */
export function newKey(ids: Ids): string {
  const random = randomText(ids, BASE62, 30)
  return `mst_${random}${checksum(random)}`
}

/** Whether a text can be one of our keys at all. */
export function isKey(text: string): boolean {
  const [, random, sum] = KEY.exec(text) ?? []
  return random !== undefined && checksum(random) === sum
}

function checksum(random: string): string {
  let rest = crc32(random)
  let text = ''
  for (let index = 0; index < 6; index++) {
    text = BASE62[rest % 62] + text
    rest = Math.floor(rest / 62)
  }
  return text
}
