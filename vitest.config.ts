import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/postgres.ts'],
    // The machines that run this are small and shared: what hangs is found just as well a little later.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    // Two small cores: more files at once only make timeouts.
    maxWorkers: 2,
  },
})
