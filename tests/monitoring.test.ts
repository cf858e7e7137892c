import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from '#server/metrics/metrics.ts'
import { ROOT } from './docs/program.ts'

const read = (name: string): string => readFileSync(join(ROOT, 'docs', 'monitoring', name), 'utf8')

interface Rule {
  alert: string
  expr: string
  annotations: { summary: string }
}
const rules: Rule[] = parse(read('alerts.yml')).groups.flatMap(({ rules }: { rules: Rule[] }) => rules)
const dashboard = JSON.parse(read('dashboard.json'))
const drawn: string[] = dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
  targets.map(({ expr }) => expr),
)

describe('what is watched', () => {
  test.each([...rules.map(({ expr }) => expr), ...drawn])('is measured: %s', async (expr) => {
    const metrics = await createMetrics({ withProcess: true })
    const known = new Set([...(await metrics.read()).matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name))
    known.add('up')
    const asked = [...expr.matchAll(/\b(muster_|nodejs_|process_|up\b)\w*/g)].map(([name]) =>
      name.replace(/_(bucket|count|sum)$/, ''),
    )
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter((name) => !known.has(name))).toEqual([])
  })

  test('has a place in the runbook for each alarm', () => {
    const runbook = readFileSync(join(ROOT, 'docs', 'runbook.md'), 'utf8')
    expect(rules.filter(({ alert }) => !runbook.includes(`\`${alert}\``)).map(({ alert }) => alert)).toEqual([])
  })

  const promtool = has('promtool')
  // Among the long proofs it must be there; elsewhere this says what was not tried.
  test.skipIf(!promtool && process.env.LONG_PROOFS === undefined)('promtool finds nothing wrong', () => {
    const folder = join(ROOT, 'docs', 'monitoring')
    execFileSync('promtool', ['check', 'rules', join(folder, 'alerts.yml')])
    execFileSync('promtool', ['check', 'config', '--syntax-only', join(folder, 'prometheus.yml')])
  })
})

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
