/** `2026-11-20 10:02 UTC`: the same for everybody who reads it. */
export const showMoment = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
