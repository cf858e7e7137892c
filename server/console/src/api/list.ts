import { call } from './client.ts'

/** A list to its end, page by page. */
export async function listOf<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const all: T[] = []
  for (let cursor = ''; ; ) {
    const more = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = await call<{ items: T[]; nextCursor: string | null }>('GET', `${path}?limit=200${more}`, { signal })
    all.push(...page.items)
    if (page.nextCursor === null) return all
    cursor = page.nextCursor
  }
}
