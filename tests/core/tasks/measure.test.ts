import { describe, expect, it } from 'vitest'
import { type MeasuredMove, type MeasuredTask, measureTasks } from '#core/tasks/measure.ts'
import type { TaskStatus } from '#core/tasks/moves.ts'

const HOUR_MS = 3_600_000
const NOW_MS = Date.UTC(2026, 10, 26, 12)

/** A task and its moves: each status, and how many hours after the task was made it came to that. */
function story(id: string, ...steps: [TaskStatus, number][]): { task: MeasuredTask; moves: MeasuredMove[] } {
  const createdAtMs = NOW_MS - 100 * HOUR_MS
  const all: [TaskStatus, number][] = [['queued', 0], ...steps]
  const moves = all.slice(1).map(([to, hours], index) => ({
    taskId: id,
    from: all[index]?.[0] ?? 'queued',
    to,
    atMs: createdAtMs + hours * HOUR_MS,
  }))
  const [status, hours] = all.at(-1) ?? ['queued', 0]
  return { task: { id, status, createdAtMs, statusAtMs: createdAtMs + hours * HOUR_MS }, moves }
}

const measured = (stories: ReturnType<typeof story>[], daysBack = 30) =>
  measureTasks(
    stories.map(({ task }) => task),
    stories.flatMap(({ moves }) => moves),
    { sinceMs: NOW_MS - daysBack * 24 * HOUR_MS, nowMs: NOW_MS },
  )

describe('how a board does', () => {
  it('has nothing to say of an empty one', () => {
    expect(measured([])).toMatchObject({ timeInStatus: {}, firstPassRate: null, queueAge: null, counts: { queued: 0 } })
  })

  it('counts what is where, and how long it stayed where it was', () => {
    const one = story('one', ['in_progress', 2], ['review', 12], ['approved', 13], ['merging', 13], ['done', 14])
    const two = story('two', ['in_progress', 4])
    const { counts, timeInStatus } = measured([one, two])
    expect(counts).toMatchObject({ queued: 0, in_progress: 1, done: 1 })
    expect(timeInStatus.queued).toEqual({ count: 2, p50Seconds: 2 * 3_600, p95Seconds: 4 * 3_600 })
    expect(timeInStatus.in_progress).toEqual({ count: 1, p50Seconds: 10 * 3_600, p95Seconds: 10 * 3_600 })
    expect(timeInStatus.done).toBeUndefined()
  })

  it('knows what was approved the first time, and what only after changes', () => {
    const first = story('first', ['in_progress', 1], ['review', 2], ['approved', 3])
    const later = story(
      'later',
      ['in_progress', 1],
      ['review', 2],
      ['changes_requested', 3],
      ['in_progress', 4],
      ['review', 5],
      ['approved', 6],
    )
    const anew = story(
      'anew',
      ['in_progress', 1],
      ['review', 2],
      ['failed', 3],
      ['queued', 4],
      ['in_progress', 5],
      ['review', 6],
      ['approved', 7],
    )
    expect(measured([first, later]).firstPassRate).toBe(0.5)
    // Queued again, it is looked at for the first time.
    expect(measured([first, later, anew]).firstPassRate).toBeCloseTo(2 / 3)
  })

  it('leaves out what ended before the time that was asked for', () => {
    const old = story('old', ['in_progress', 1], ['review', 2], ['approved', 3])
    expect(measured([old], 1)).toMatchObject({ timeInStatus: {}, firstPassRate: null })
  })

  it('says how old the queue is', () => {
    const waiting = [1, 2, 3].map((number) => story(`q${number}`))
    expect(measured(waiting).queueAge).toEqual({ count: 3, p50Seconds: 360_000, p95Seconds: 360_000 })
  })
})
