import { statfsSync } from 'node:fs'
import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { FailedLast } from './tests/support/failed-last.ts'

/** What starts processes and waits for them; begun last, one of these would run on alone for minutes. */
const LONG =
  /\/tests\/(crash|e2e|processes|console)\/|\/tests\/docs(-api)?\.test|\/tests\/server\/rights|\/tests\/core\/plans\/|\/tests\/core\/callbacks\/kill\.|\/tests\/(server\/cli|mcp\/stdio)|\/tests\/bots\/(email|slack|telegram)\.test|\/tests\/commands\/redelivery/

/** What starts, kills or fills whole programs for minutes: `npm run test:long` has them too. A check before a change has to be waited for. */
const LONG_PROOFS = [
  'tests/bots/fuzz/*.test.ts',
  'tests/bots/{outages,slack/whole,email/dovecot,email/kill}.test.ts',
  'tests/core/{callbacks/kill,plans/killed}.test.ts',
  'tests/crash/{agents-at-gates,chats,models-at-gates,redelivery}.test.ts',
  'tests/e2e/{hostile,order,start}.test.ts',
  'tests/mcp/stdio.test.ts',
  'tests/processes/{lease,notifications,pollers,schedules,server,triggers}.test.ts',
  'tests/server/{backup,cli-cycle,cli-server,doctor}.test.ts',
]

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

const MEMORY_DIRECTORY = '/dev/shm'
const ENOUGH_BYTES = 4 * 1024 ** 3

/**
 * Thousands of databases live for a moment each: in memory a new one on Postgres takes 20 ms, on a disk 300 ms. Nothing here
 * pulls the plug; what proves that commits reach the disk (`npm run torture`) does not come this way.
 */
function keepTemporaryFilesInMemory(): void {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_DIRECTORY)
    if (bavail * bsize > ENOUGH_BYTES) process.env.TMPDIR = MEMORY_DIRECTORY
  } catch {
    // Not every system has it.
  }
}

keepTemporaryFilesInMemory()

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(process.env.LONG_PROOFS === '1' ? [] : LONG_PROOFS)],
    globalSetup: ['tests/support/postgres.ts'],
    sequence: { sequencer: LongFirst },
    // The machines that run this are small and shared: what hangs is found just as well a little later.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
    reporters: ['default', new FailedLast()],
    pool: 'forks',
    // For two small cores: a third of the time goes into waiting for processes, leases and pages; four only make timeouts.
    maxWorkers: 3,
  },
})
