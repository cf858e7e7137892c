import type { FormPart } from '#core/chat/message.ts'
import { pagesOf } from './view.ts'

/**
 * The page that comes after what was shown: of another form its first page; first where new fields have come among those that were passed, then the next
 * one, and after the last the first on which something is missing or wrong. Undefined when there is none.
 */
export function nextPage(before: FormPart, now: FormPart, shown: readonly string[]): number | undefined {
  const pages = pagesOf(now)
  // Once a job is chosen it is that job's form, with its price on it, whatever it asks for.
  if (before.submitLabel !== now.submitLabel) return 0
  const pageOf = (isMeant: (field: FormPart['fields'][number]) => boolean): number =>
    pages.findIndex((page) => page.some(isMeant))
  const passed = pages.findLastIndex((page) => page.some(({ name }) => shown.includes(name)))
  const known = new Set(before.fields.map(({ name }) => name))
  const withNew = pageOf(({ name }) => !known.has(name))
  if (withNew >= 0 && withNew <= passed) return withNew
  if (now.fields.length > 0 && passed + 1 < pages.length) return passed + 1
  const toMend = pageOf(({ problem, required, value, usual }) => {
    return problem !== undefined || (required && value === undefined && usual === undefined)
  })
  return toMend >= 0 ? toMend : undefined
}
