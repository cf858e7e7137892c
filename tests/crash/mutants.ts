import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Dialect } from '#db/db.ts'
import { OWN_ROOT } from './server.ts'

/** The program with one safeguard taken out: the proof must fail on it, or it proves nothing. */
export interface Mutant {
  /** For the command line. */
  id: string
  name: string
  file: string
  /** What stands there once, and what stands there instead. */
  from: string
  to: string
  /** Where it shows; on both when left out. */
  dialect?: Dialect
  /** With so many processes, when not with several. */
  nodes?: number
  /** Only processes that stand still and go on show it. */
  onlyFreezes?: true
  /** With leases of this length, where what it breaks would be mended by their end. */
  leaseMs?: number
}

export const MUTANTS: readonly Mutant[] = [
  {
    id: 'unique-index',
    name: 'a hold may be resolved more than once',
    file: 'db/migrations/0001-init.ts',
    from: 'CREATE UNIQUE INDEX transfer_resolved_once',
    to: 'CREATE INDEX transfer_resolved_once',
  },
  {
    id: 'check-constraint',
    name: 'a wallet may set aside what it does not have',
    file: 'db/migrations/0001-init.ts',
    from: "CHECK (kind = 'platform' OR posted_micros - pending_micros >= -overdraft_floor_micros)",
    to: 'CHECK (entry_seq >= 0)',
  },
  {
    id: 'fencing',
    name: 'a worker that lost its lease may write',
    file: 'db/queue/claims.ts',
    from: 'if (!(await confirmLease.first(tx, claim))) throw new LeaseLostError(claim.key)',
    to: 'void confirmLease',
    onlyFreezes: true,
  },
  {
    id: 'provider-key',
    name: 'a provider is not told that it is the same job once more',
    file: 'core/tools/kinds/http-job.ts',
    from: "{ ...rendered.headers, 'Idempotency-Key': idempotencyKey }",
    to: 'rendered.headers',
  },
  {
    id: 'settle',
    name: 'the settlement is a transaction of its own',
    file: 'core/runs/finish.ts',
    from: 'const { run: settled, freesForOthers } = await settle(core, tx, whole, nowMs)',
    to: `const { run: settled, freesForOthers } = { run: whole, freesForOthers: false }
  tx.afterCommit(() => void setTimeout(() => void core.db.write((own) => settle(core, own, whole, nowMs)), 20))`,
  },
  {
    id: 'result',
    name: 'the result is posted after the commit',
    file: 'core/runs/finish.ts',
    from: 'await postResult(core, tx, settled, nowMs)',
    to: 'tx.afterCommit(() => void setTimeout(() => void core.db.write((own) => postResult(core, own, settled, nowMs)), 20))',
  },
  {
    id: 'acknowledge',
    name: 'an update is acknowledged before it is stored',
    file: 'bots/telegram/polling.ts',
    from: 'await store(update)',
    // As long as a slow disk takes: a kill at a random point has to find the moment in between.
    to: 'setTimeout(() => void store(update), 250)',
    // Several have their updates posted.
    nodes: 1,
  },
  {
    id: 'request-key',
    name: 'an update handled again is a new request',
    file: 'core/runs/submit.ts',
    from: 'if (!before) return undefined',
    to: 'if (before !== null) return undefined',
  },
  {
    id: 'mark-sending',
    name: 'what is sent is not marked before',
    file: 'core/chat/delivery.ts',
    from: 'await markSending.run(tx, { seq: row.seq })',
    to: 'void tx',
  },
  {
    id: 'finished-steps',
    name: 'finished steps are forgotten',
    file: 'core/runs/stored.ts',
    from: 'await listSteps.all(on, { runId })',
    to: '[]',
  },
  {
    id: 'ahead',
    name: 'a tool with effects is called before it is on record',
    file: 'core/runs/ahead.ts',
    from: "tools.find(work.toolId)?.sideEffect === 'none'",
    to: 'tools.find(work.toolId) !== undefined',
  },
  {
    id: 'recover',
    name: 'what was executing is not executed again',
    file: 'core/runs/decide/take.ts',
    from: 'return recover(draft)',
    to: 'return true',
  },
  {
    id: 'turn',
    name: 'a result that waits for its turn is nothing left to do',
    file: 'core/runs/session.ts',
    from: 'if (isStepHeard()) tellStep(',
    to: 'this.#executing.end(work.seq); if (isStepHeard()) tellStep(',
  },
  {
    id: 'dead-workers',
    name: 'dead workers are not looked for',
    file: 'db/queue/table.ts',
    from: 'if (!(await findExpiredItem.first(db, { nowMs }))) return false',
    to: 'return false',
    dialect: 'postgres',
  },
  {
    id: 'dead-process',
    name: 'what a dead process claimed stays claimed',
    file: 'db/queue/table.ts',
    from: 'return owner === machine.processId || !machine.isAlive(owner)',
    to: 'return false',
    dialect: 'sqlite',
    leaseMs: 600_000,
  },
]

const SOURCES = ['bots', 'commands', 'core', 'db', 'server', 'package.json']

/** The text of its file with the change made. Throws when the source has moved on. */
export function mutated({ file, from, to }: Mutant, text: string): string {
  const parts = text.split(from)
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places that read ${from}`)
  return parts.join(to)
}

/** A copy of the program with the change made, for as long as it is used. Throws when the source has moved on. */
export async function withMutant<T>(mutant: Mutant, use: (root: string) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'muster-mutant-'))
  try {
    for (const source of SOURCES) cpSync(join(OWN_ROOT, source), join(root, source), { recursive: true })
    symlinkSync(join(OWN_ROOT, 'node_modules'), join(root, 'node_modules'))
    const path = join(root, mutant.file)
    writeFileSync(path, mutated(mutant, readFileSync(path, 'utf8')))
    return await use(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
