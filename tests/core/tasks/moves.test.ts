import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTaskStatus, movesFrom, refuseMove, TASK_STATUSES, type TaskStatus } from '#core/tasks/moves.ts'

/** As it is promised, word for word. */
const TABLE = `
queued → claimed | in_progress | abandoned
claimed → in_progress | blocked | abandoned
in_progress → review | blocked | failed
blocked → in_progress | abandoned
review → approved | changes_requested | failed
changes_requested → in_progress | failed
approved → merging
merging → done | failed
failed → in_progress | queued | abandoned`

const promised = new Set(
  TABLE.trim()
    .split('\n')
    .flatMap((line) => {
      const [from = '', to = ''] = line.split(' → ')
      return to.split(' | ').map((one) => `${from}>${one}`)
    }),
)

const at = (status: TaskStatus) => ({ status, doers: [], items: [] })

describe('moves of a task', () => {
  it('are those of the table, and no others', () => {
    const legal = TASK_STATUSES.flatMap((from) =>
      TASK_STATUSES.filter((to) => refuseMove(at(from), to, 'acc_x') === undefined).map((to) => `${from}>${to}`),
    )
    expect(new Set(legal)).toEqual(promised)
    expect(legal).toHaveLength(promised.size)
  })

  it('say what is legal where they are not', () => {
    expect(refuseMove(at('queued'), 'done', 'acc_x')).toMatchObject({
      code: 'conflict',
      message: 'A task that is queued can go to claimed, in progress or abandoned, not to done.',
      details: { facts: { from: 'queued', to: 'done', legal: 'claimed,in_progress,abandoned' } },
    })
    expect(refuseMove(at('done'), 'queued', 'acc_x')?.message).toContain('nowhere any more')
  })

  it('approve only what is checked in full, by somebody who did not do it', () => {
    const items = [
      { text: 'tested', checked: true },
      { text: 'documented', checked: false },
    ]
    const task = { status: 'review' as const, doers: ['acc_doer'], items }
    expect(refuseMove(task, 'approved', 'acc_other')).toMatchObject({ code: 'conflict' })
    expect(refuseMove(task, 'approved', 'acc_other')?.message).toContain('“documented”')
    expect(refuseMove(task, 'approved', 'acc_doer')).toMatchObject({ code: 'forbidden' })
    const done = { ...task, items: items.map((item) => ({ ...item, checked: true })) }
    expect(refuseMove(done, 'approved', 'acc_doer')).toMatchObject({ code: 'forbidden' })
    expect(refuseMove(done, 'approved', 'acc_other')).toBeUndefined()
    expect(refuseMove(task, 'changes_requested', 'acc_doer')).toBeUndefined()
  })

  it('never lead to done past an approval, whatever is tried', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...TASK_STATUSES), { maxLength: 40 }), (tries) => {
        const seen: TaskStatus[] = ['queued']
        for (const to of tries) {
          const from = seen.at(-1) ?? 'queued'
          if (refuseMove({ ...at(from), doers: ['acc_doer'] }, to, 'acc_other') === undefined) seen.push(to)
        }
        if (!seen.includes('done')) return
        const approved = seen.lastIndexOf('approved')
        expect(seen.slice(approved)).toEqual(['approved', 'merging', 'done'])
        expect(seen.slice(0, approved)).toContain('review')
      }),
    )
    expect(movesFrom('done')).toEqual([])
    expect(isTaskStatus('constructor')).toBe(false)
  })
})
