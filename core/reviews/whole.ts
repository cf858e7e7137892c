import type { Json } from '../json.ts'

/** Nobody approves what they have not seen the end of; what is longer is not asked about. */
export const WHOLE_CHARACTERS = 40_000

/** As it is shown to whoever decides: its length is what counts, and not that of the same without lines and indents. */
export const written = (value: Json): string => JSON.stringify(value, null, 2)
