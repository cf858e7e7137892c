import type { Message } from 'grammy/types'
import type { Call } from '../call.ts'
import { ApiFail, refuse } from '../errors.ts'
import { readFormatted } from '../text/formatted.ts'
import type { UploadedFile } from '../types.ts'
import { checkDelivery } from '../world/access.ts'
import type { StoredFile } from '../world/files.ts'
import { imageSize } from '../world/image.ts'
import type { World } from '../world/world.ts'
import { readPlace } from './place.ts'
import { deliver, readTarget } from './send.ts'

type Kind = StoredFile['kind']

const megabyte = 1024 * 1024

export const sendDocument = (world: World, call: Call): Message => sendFile(world, call, 'document')
export const sendPhoto = (world: World, call: Call): Message => sendFile(world, call, 'photo')

function sendFile(world: World, call: Call, kind: Kind): Message {
  const { text, entities } = readFormatted(call, { text: 'caption', entities: 'caption_entities' })
  const source = findSource(world, call, kind)
  const { chat, markup } = readTarget(world, call)
  if (text.length > 1024) throw refuse('Message caption is too long')
  const place = readPlace(world, call, chat)
  const file = 'fileId' in source ? source : store(world, source, kind)
  if (file.kind !== kind) throw refuse(`can't use file of type ${spoken(file.kind)} as ${spoken(kind)}`)
  checkDelivery(chat, kind === 'photo' ? 'photos' : 'documents')
  return deliver(world, call, chat, markup, { from: world.botUser, text, entities, file, ...place })
}

const spoken = (kind: Kind): string => kind.slice(0, 1).toUpperCase() + kind.slice(1)

/** A file comes under its own name, under an attach:// name, or is one Telegram has already. */
function findSource(world: World, call: Call, kind: Kind): UploadedFile | StoredFile {
  const given = call.args.text(kind).trim()
  const attached = given.startsWith('attach://') ? call.files.get(given.slice(9)) : call.files.get(kind)
  if (attached) return attached
  if (given === '' || given.startsWith('attach://')) throw refuse(`There is no ${kind} in the request`)
  if (/^https?:\/\//.test(given)) throw refuse('Failed to get HTTP URL content')
  const known = world.files.get(given)
  if (!known) throw refuse("Wrong remote file identifier specified: can't unserialize it. Wrong last symbol")
  return known
}

function store(world: World, file: UploadedFile, kind: Kind): StoredFile {
  if (file.bytes.length === 0) throw refuse('File must be non-empty')
  if (file.bytes.length > 50 * megabyte) throw new ApiFail(413, 'Request Entity Too Large')
  if (kind === 'document') return world.files.add(file, kind)
  if (file.bytes.length > 10 * megabyte) throw refuse('file is too big for a photo; the maximum size is 10485760 bytes')
  const size = imageSize(file.bytes)
  if (!size) throw refuse('IMAGE_PROCESS_FAILED')
  const { width, height } = size
  if (width + height > 10_000 || Math.max(width, height) > 20 * Math.min(width, height)) {
    throw refuse('PHOTO_INVALID_DIMENSIONS')
  }
  return world.files.add(file, kind, size)
}
