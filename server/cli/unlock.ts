import type { Command } from 'commander'
import { reclaimLeases } from '#core/board/leases.ts'
import { releaseStuck } from '#db/queue/unlock.ts'
import { action, type Outcome } from './action.ts'
import { withCore } from './open.ts'
import type { Output } from './output.ts'

export function addUnlockCommand(program: Command, outcome: Outcome): void {
  program
    .command('unlock')
    .description('free work whose holder is gone, so that nobody waits for its lease to end')
    .option('--all', 'also what somebody holds who is alive; they cannot write any more')
    .action(action(outcome, unlock))
}

function unlock(output: Output, { all = false }: { all?: boolean }): Promise<number> {
  return withCore(async ({ core }) => {
    const { released: work, held } = await releaseStuck(core.db, { nowMs: core.clock.nowMs(), isAll: all })
    const leases = await reclaimLeases(core, { isAll: all })
    const released = [...work, ...leases.map(({ resource }) => ({ kind: 'lease', key: resource }))]
    const lines = released.length === 0 ? ['Nothing was stuck.'] : released.map(({ kind, key }) => `${kind}  ${key}`)
    const rest = held === 0 ? [] : [`${held} more are held by processes that are alive; --all takes those, too.`]
    output.answer({ released, held }, [...lines, ...rest])
    return 0
  })
}
