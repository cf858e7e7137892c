import { expect, it } from 'vitest'
import { wait } from '#core/tools/kinds/wait.ts'
import { runTool } from '#core/tools/run.ts'
import { contextFor, describeTool, NOW_MS } from './conformance.ts'

const DAY_MS = 86_400_000

describeTool(wait, {
  rateMicros: 200n,
  examples: [
    { name: 'a duration', input: { ms: 90_000 }, output: { waitedMs: 90_000, until: '2027-01-15T09:31:30.000Z' } },
    { name: 'no time at all', input: { ms: 0 }, output: { waitedMs: 0, until: '2027-01-15T09:30:00.000Z' } },
    { name: 'thirty days', input: { ms: 30 * DAY_MS }, output: { waitedMs: 30 * DAY_MS } },
    {
      name: 'a time',
      input: { until: '2027-01-16T09:30:00Z' },
      output: { waitedMs: DAY_MS, until: '2027-01-16T09:30:00.000Z' },
    },
    { name: 'a time elsewhere', input: { until: '2027-01-15T10:31:00+01:00' }, output: { waitedMs: 60_000 } },
    {
      name: 'a time that is over',
      input: { until: '2020-01-01T00:00:00Z' },
      output: { waitedMs: 0, until: '2027-01-15T09:30:00.000Z' },
    },
  ],
  refused: [
    { name: 'nothing', input: {}, names: /ms or until/ },
    { name: 'both', input: { ms: 1, until: '2027-01-16T09:30:00Z' }, names: /ms or until/ },
    { name: 'less than nothing', input: { ms: -1 }, names: 'ms must be at least 0' },
    { name: 'more than thirty days', input: { ms: 30 * DAY_MS + 1 }, names: /ms must be at most/ },
    { name: 'half a millisecond', input: { ms: 0.5 }, names: 'ms must be a whole number' },
    { name: 'a time far away', input: { until: '2028-01-01T00:00:00Z' }, names: /until is 351 days away/ },
    { name: 'a time without a zone', input: { until: '2027-01-16T09:30:00' }, names: 'time zone' },
    { name: 'a day that does not exist', input: { until: '2027-02-31T09:30:00Z' }, names: /until must be a date/ },
    { name: 'words', input: { until: 'tomorrow' }, names: /until must be a date/ },
  ],
})

it('holds no worker while it waits', async () => {
  const result = await runTool(wait, { ms: 60_000 }, contextFor())
  expect(result).toMatchObject({ waitUntilMs: NOW_MS + 60_000 })
})
