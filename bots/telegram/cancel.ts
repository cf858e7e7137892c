import type { Api } from 'grammy'

type Cancel = NonNullable<Parameters<Api['getMe']>[0]>

/** The library's types know an AbortSignal of their own; what they call on it is the same. */
export const cancelOn = (signal: AbortSignal): Cancel => signal as unknown as Cancel
