import type { Json } from '../../json.ts'

/** What came from outside, between marks that nobody outside knows: it is something to look at, not something to do. */
export function fenced(mark: string, value: Json): string {
  const words = typeof value === 'string' ? value : JSON.stringify(value)
  // Whoever has seen the mark in an earlier answer shall not end it.
  return `<data ${mark}>\n${words.replaceAll(mark, '')}\n</data ${mark}>`
}
