/** At most so many UTF-16 units from the beginning, and no character of two halves torn: a half alone shows as `�`. */
export function cut(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text
  const isTorn = /[\ud800-\udbff]/.test(text[unitsMax - 1] ?? '') && /[\udc00-\udfff]/.test(text[unitsMax] ?? '')
  return text.slice(0, isTorn ? unitsMax - 1 : unitsMax)
}

/** In one line of at most so many UTF-16 units, with an ellipsis where there was more. */
export function oneLine(text: string, unitsMax: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > unitsMax ? `${cut(line, unitsMax - 1)}…` : line
}
