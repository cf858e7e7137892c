import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'

const POSTGRES = pathToFileURL(`${import.meta.dirname}/support/postgres.ts`).href

it('a test run that failed ends with its own exit code, whatever Postgres does when it goes', {
  timeout: 60_000,
}, () => {
  const run = `
    import { startPostgres } from '${POSTGRES}'
    const { stop } = await startPostgres()
    await stop()
    process.exitCode = 3`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', run], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 3, stderr: '' })
})
