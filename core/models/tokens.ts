/**
 * How many tokens a text is about: one for each four bytes of UTF-8, rounded up. A guess for estimates, not for bills;
 * English has about four letters a token, and other scripts more bytes a letter.
 */
export const estimateTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4)
