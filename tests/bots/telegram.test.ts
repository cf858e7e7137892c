import { describeChannel } from './conformance.ts'
import { createTelegramHarness } from './telegram/harness.ts'

const ABILITIES = { groups: true, files: true, faults: true }

describeChannel('Telegram by polling', { ...ABILITIES, signed: false }, (commands, dialect) =>
  createTelegramHarness('polling', commands, dialect),
)

describeChannel('Telegram by webhook', { ...ABILITIES, signed: true }, (commands, dialect) =>
  createTelegramHarness('webhook', commands, dialect),
)

describeChannel('Telegram on Postgres', { ...ABILITIES, signed: false, dialect: 'postgres' }, (commands, dialect) =>
  createTelegramHarness('polling', commands, dialect),
)
