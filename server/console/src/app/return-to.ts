const NAME = 'muster-return-to'
const KEPT_MS = 60 * 60_000

/**
 * Remembers where a signed-out person wanted to go. Not in the address: the sign-in link opens from the chat, in a tab
 * that knows nothing of this one, and an address anyone can write must not choose where a sign-in leads.
 */
export function rememberReturn(path: string): void {
  try {
    localStorage.setItem(NAME, JSON.stringify({ path, untilMs: Date.now() + KEPT_MS }))
  } catch {
    // Without storage the sign-in leads to the start page.
  }
}

/** The remembered place, once; the start page otherwise. */
export function takeReturn(): string {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(NAME) ?? 'null')
    localStorage.removeItem(NAME)
    const { path, untilMs } = (stored ?? {}) as { path?: unknown; untilMs?: unknown }
    const isOurs = typeof path === 'string' && /^\/[\w-]/.test(path)
    return isOurs && typeof untilMs === 'number' && untilMs > Date.now() ? path : '/'
  } catch {
    return '/'
  }
}
