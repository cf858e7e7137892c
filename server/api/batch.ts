import type { Actor } from '#core/actor.ts'
import { AppError } from '#core/errors.ts'

/** What became of one of several. */
type Result = { id: string; ok: true } | { id: string; ok: false; error: { code: string; message: string } }

/**
 * Does the same with each of several, one after the other: they are changes, and each is its own. What is refused says why;
 * what is a bug fails the whole request. One key stands for the whole request, and each of its actions is known again.
 */
export async function inBatch(
  actor: Actor,
  ids: readonly string[],
  act: (actor: Actor, id: string) => Promise<object>,
): Promise<Result[]> {
  const results: Result[] = []
  for (const id of new Set(ids)) {
    const own = actor.requestKey === undefined ? actor : { ...actor, requestKey: `${actor.requestKey}/${id}` }
    results.push(await resultOf(id, () => act(own, id)))
  }
  return results
}

async function resultOf(id: string, act: () => Promise<object>): Promise<Result> {
  try {
    return { id, ok: true, ...(await act()) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { id, ok: false, error: { code: error.code, message: error.message } }
  }
}
