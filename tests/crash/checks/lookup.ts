import type { Check, Finding } from '../checks.ts'
import type { Tables } from '../database.ts'
import type { Facts, SentCommand } from '../facts.ts'

/** Names the findings of a check after it. */
export function defineCheck(name: string, look: (facts: Facts, found: (what: string) => void) => void): Check {
  return (facts) => {
    const findings: Finding[] = []
    look(facts, (what) => findings.push({ check: name, what }))
    return findings
  }
}

export type Run = Tables['run'][number]

/** The runs that a command's delivery made: by the key that the delivery gives them, nothing else. */
export function runsOf({ tables, botId }: Facts): (command: SentCommand) => Run[] {
  const accountOf = new Map(
    tables.identity.filter(({ channel }) => channel === 'telegram').map((row) => [row.external_id, row.account_id]),
  )
  const byKey = Map.groupBy(tables.run, ({ idempotency_key }) => idempotency_key)
  return ({ externalId, updateId }) => byKey.get(`${accountOf.get(externalId)}/telegram:${botId}:${updateId}`) ?? []
}

export const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n)
