import { describeChannel } from './conformance.ts'
import { createSlackHarness } from './slack/conformance-harness.ts'

const ABILITIES = { groups: true, files: true, faults: true }

describeChannel('Slack over a socket', { ...ABILITIES, signed: false }, (commands, dialect) =>
  createSlackHarness('socket', commands, dialect),
)

describeChannel('Slack over HTTP', { ...ABILITIES, signed: true }, (commands, dialect) =>
  createSlackHarness('http', commands, dialect),
)

describeChannel('Slack on Postgres', { ...ABILITIES, signed: false, dialect: 'postgres' }, (commands, dialect) =>
  createSlackHarness('socket', commands, dialect),
)
