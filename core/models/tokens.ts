/**
 * How many tokens a text is about: one for each four bytes of UTF-8, rounded up. A guess for estimates, not for bills;
 * English has about four letters a token, and other scripts more bytes a letter.
 */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4)

/** What providers put around what they are sent: roles, the names of fields. */
const AROUND = 200

/**
 * How many tokens a text is at most, as good as always: what is held for it. Half its bytes is twice the usual; only rare
 * scripts and noise come near it.
 */
export const mostTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 2) + AROUND
