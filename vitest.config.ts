import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What starts processes and waits for them; begun last, one of these would run on alone for minutes. */
const LONG = /\/tests\/(crash|e2e|processes|console)\/|\/tests\/core\/callbacks\/kill\.|\/tests\/server\/cli/

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/postgres.ts'],
    sequence: { sequencer: LongFirst },
    // The machines that run this are small and shared: what hangs is found just as well a little later.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    // Two small cores: more files at once only make timeouts.
    maxWorkers: 2,
  },
})
