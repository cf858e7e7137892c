import { type Command, InvalidArgumentError } from 'commander'
import { createApiKey, type ListedKey, listApiKeys, revokeApiKey } from '#core/accounts/api-keys.ts'
import { API_SCOPES } from '#core/accounts/scopes.ts'
import { action, collect, type Outcome } from './action.ts'
import { withCore } from './open.ts'
import { operatorOf } from './operator.ts'
import { type Output, table } from './output.ts'

const DAY_MS = 24 * 3_600_000
const MAX_DAYS = 3_650

interface CreateOptions {
  account: string
  scope?: string[]
  name: string
  days?: number
}

export function addKeyCommands(program: Command, outcome: Outcome): void {
  const key = program.command('key').description('make, list and revoke API keys')
  key
    .command('create')
    .description('make a key; it is shown this once')
    .requiredOption('--account <handle>', 'whose key it is')
    .option('--scope <scope>', `what it may do: ${API_SCOPES.join(', ')}; all when left out; may be repeated`, collect)
    .option('--name <name>', 'what it is for', 'made at the command line')
    .option('--days <days>', 'how long it works; for ever when left out', daysOf)
    .action(action(outcome, createKey))
  key
    .command('list')
    .description('list keys, newest first; of each the last four characters')
    .option('--account <handle>', 'whose keys; of the only admin when left out')
    .action(action(outcome, listKeys))
  key
    .command('revoke')
    .description('end a key at once')
    .argument('<id>', 'key_…, as key list shows it')
    .option('--account <handle>', 'whose key it is; the only admin’s when left out')
    .action(action(outcome, revokeKey))
}

function createKey(output: Output, { account: handle, scope = [], name, days }: CreateOptions) {
  return withCore(async ({ core }) => {
    const account = await operatorOf(core, handle, output)
    const expiresAtMs = days === undefined ? null : core.clock.nowMs() + days * DAY_MS
    const scopes = scope.flatMap((names) => names.split(',')).map((one) => one.trim())
    const made = await createApiKey(core, account.id, { name, scopes, expiresAtMs, by: 'system' })
    const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString()
    output.note('Keep it now: it is shown this once, and only a hash of it is stored.')
    output.answer({ key: made.key, id: made.id, accountId: account.id, scopes, expiresAt }, made.key)
    return 0
  })
}

function daysOf(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= 1 && days <= MAX_DAYS) return days
  throw new InvalidArgumentError(`It takes a whole number from 1 to ${MAX_DAYS}.`)
}

function listKeys(output: Output, { account: handle }: { account?: string }) {
  return withCore(async ({ core }) => {
    const account = await operatorOf(core, handle, output)
    const keys = await listApiKeys(core.db, account.id)
    const lines = keys.map((key): [string, string] => [
      key.id,
      `…${key.hint}  ${stateOf(key, core.clock.nowMs())}  ${key.name}`,
    ])
    output.answer({ items: keys.map(viewOf) }, keys.length > 0 ? table(lines) : `@${account.handle} has no keys.`)
    return 0
  })
}

function revokeKey(output: Output, id: string, { account: handle }: { account?: string }) {
  return withCore(async ({ core }) => {
    const account = await operatorOf(core, handle, output)
    await revokeApiKey(core, account.id, id)
    output.answer({ id, revoked: true }, `${id} works no more.`)
    return 0
  })
}

function stateOf({ scopes, expiresAtMs, revokedAtMs }: ListedKey, nowMs: number): string {
  if (revokedAtMs !== null) return 'revoked'
  if (expiresAtMs !== null && expiresAtMs <= nowMs) return 'expired'
  return scopes.length > 0 ? scopes.join(',') : 'everything'
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

const viewOf = ({ createdAtMs, expiresAtMs, revokedAtMs, lastUsedAtMs, ...key }: ListedKey) => ({
  ...key,
  createdAt: iso(createdAtMs),
  expiresAt: iso(expiresAtMs),
  revokedAt: iso(revokedAtMs),
  lastUsedAt: iso(lastUsedAtMs),
})
