/**
 * The token of a button: when its message came into being, then what nobody can guess. Those put in together lie together
 * in their table, so that a commit writes one page for all of them and not one for each.
 */
export const buttonToken = (atMs: number, secret: string): string => `${atMs.toString(36).padStart(9, '0')}${secret}`
