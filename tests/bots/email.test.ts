import { describeChannel } from './conformance.ts'
import { createEmailHarness } from './email/harness.ts'

const ABILITIES = { groups: false, files: true, faults: true, signed: true, edits: false, toasts: false } as const

describeChannel('E-mail by a relay', ABILITIES, (commands, dialect) => createEmailHarness(commands, dialect))

describeChannel('E-mail on Postgres', { ...ABILITIES, dialect: 'postgres' }, (commands, dialect) =>
  createEmailHarness(commands, dialect),
)
