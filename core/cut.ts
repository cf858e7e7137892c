/** At most so many UTF-16 units from the beginning, and no character of two halves torn: a half alone shows as `�`. */
export function cut(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text
  const isTorn = /[\ud800-\udbff]/.test(text[unitsMax - 1] ?? '') && /[\udc00-\udfff]/.test(text[unitsMax] ?? '')
  return text.slice(0, isTorn ? unitsMax - 1 : unitsMax)
}
