import type { KnownBlock, ModalView } from '@slack/types'
import type { FormField, FormPart } from '#core/chat/message.ts'
import { shortened } from '../buttons.ts'
import { mutedBlock, partBlocks } from '../render.ts'
import { fieldBlocks } from './field.ts'
import { type Origin, writeOrigin } from './origin.ts'
import { line, oneLine, plain } from './words.ts'

/** By this Slack's answers are known for those of forms. */
export const FORM_CALLBACK = 'form'

const SHORT_MAX = 24
/** Slack takes 100 blocks; the rest is for the title, the note and the page. */
const BLOCKS_MAX = 80
/** And 250 KB, of which a page takes less than half: what was typed comes back beside it. */
const PAGE_BYTES_MAX = 100_000
const NOTE_MAX = 2_900

/** The fields in order, as many to a page as Slack takes. */
export function pagesOf({ fields }: FormPart): FormField[][] {
  const pages: FormField[][] = [[]]
  let room = { blocks: BLOCKS_MAX, bytes: PAGE_BYTES_MAX }
  for (const field of fields) {
    const blocks = fieldBlocks(field)
    const bytes = Buffer.byteLength(JSON.stringify(blocks))
    const page = pages.at(-1) ?? []
    const isFull = page.length > 0 && (blocks.length > room.blocks || bytes > room.bytes)
    if (isFull) {
      pages.push([field])
      room = { blocks: BLOCKS_MAX, bytes: PAGE_BYTES_MAX }
    } else page.push(field)
    room = { blocks: room.blocks - blocks.length, bytes: room.bytes - bytes }
  }
  return pages
}

/** The payload of a dialog: one page of the form, and in it where the form belongs. */
export function formModal(form: FormPart, page: number, origin: Omit<Origin, 'formId'>): ModalView {
  const pages = pagesOf(form)
  const isLast = page >= pages.length - 1
  const blocks = [...above(form, page, pages.length), ...(pages[page] ?? []).flatMap(fieldBlocks)]
  return {
    type: 'modal',
    callback_id: FORM_CALLBACK,
    private_metadata: writeOrigin({ ...origin, formId: form.formId }),
    notify_on_close: true,
    title: line(form.title, SHORT_MAX, 'Form'),
    submit: isLast ? line(form.submitLabel, SHORT_MAX, 'Send') : plain('Next'),
    close: plain('Close'),
    blocks: blocks.length > 0 ? blocks : [mutedBlock('Nothing else is asked.')],
  }
}

function above({ title, note }: FormPart, page: number, pages: number): KnownBlock[] {
  return [
    ...(oneLine(title).length > SHORT_MAX
      ? partBlocks({ type: 'text', text: title.slice(0, 300), style: 'strong' })
      : []),
    ...(note && page === 0 ? partBlocks({ type: 'text', text: shortened(note, NOTE_MAX) }) : []),
    ...(pages > 1 ? [mutedBlock(`Page ${page + 1} of ${pages}`)] : []),
  ]
}
