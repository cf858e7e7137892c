import { availableParallelism, cpus } from 'node:os'
import type { Dialect } from '#db/db.ts'
import type { Backlog } from './database.ts'
import type { Facts } from './facts.ts'
import type { Report, Tally } from './judge.ts'

/** One part of a proof and what came of it. */
export interface Proven {
  dialect: Dialect
  title: string
  report: Report
}

/** What came of taking a safeguard out. */
export interface Missed {
  id: string
  name: string
  dialect: Dialect
  proven: readonly Proven[]
}

/** Findings shown of each check; the first ones tell the story. */
const SHOWN_MAX = 6

export const holds = (proven: readonly Proven[]): boolean => proven.every(({ report }) => report.findings.length === 0)

export const whereAndWhen = (): string =>
  `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, Node ${process.versions.node}, ${availableParallelism()} × ${cpus()[0]?.model.trim()}`

export function tallyOf({ tables, effects, chats }: Facts): Tally {
  const messages = [...chats.values()].flat()
  return {
    begunAgain: tables.run_step.reduce((count, { starts }) => count + Math.max(0, starts - 1), 0),
    marked: messages.filter(({ history, text }) => (history[0]?.text ?? text).includes('(This may be a duplicate.)'))
      .length,
    messages: messages.length,
    jobs: effects.length,
    submissions: effects.reduce((count, { submissions }) => count + submissions, 0),
  }
}

export function describe({ findings, kills, runs, tally, recoveredMs, tookMs }: Report): string {
  const left = kills.flatMap((kill) => kill.left ?? [])
  const most = (name: keyof Backlog): number => Math.max(0, ...left.map((backlog) => backlog[name]))
  const total = (name: keyof Backlog): number => left.reduce((sum, backlog) => sum + backlog[name], 0)
  const met =
    left.length === 0
      ? []
      : [
          `Met by ${left.length} of the kills, together (at most at once):`,
          `  runs under way ${total('runs')} (${most('runs')}), claimed work ${total('claimed')} (${most('claimed')})`,
          `  updates stored and not handled ${total('inbox')} (${most('inbox')})`,
          `  messages not sent ${total('outbox')} (${most('outbox')}), sent or not, nobody knows ${total('sending')} (${most('sending')})`,
        ]
  return [
    `${runs} runs, ${kills.length} kills: ${secondsOf(tookMs)} s, the last recovery ${secondsOf(recoveredMs)} s`,
    ...met,
    `Steps begun again ${tally.begunAgain}; ${tally.jobs} jobs at the provider, handed in ${tally.submissions} times`,
    `Messages in the chats ${tally.messages}, of them marked as perhaps duplicate ${tally.marked}`,
    findings.length === 0 ? 'Everything holds.' : `${findings.length} findings:`,
    ...[...Map.groupBy(findings, ({ check }) => check)].flatMap(([check, found]) => [
      `  ${check}: ${found.length}`,
      ...found.slice(0, SHOWN_MAX).map(({ what }) => `    ${what}`),
    ]),
  ].join('\n')
}

/** All parts in one table, as it can stand in a document. */
export function tableOf(proven: readonly Proven[]): string {
  const rows = proven.map(({ dialect, title, report: { runs, kills, tally, findings, tookMs, recoveredMs } }) => [
    dialect,
    title,
    runs,
    kills.length,
    tally.begunAgain,
    `${tally.jobs} / ${tally.submissions}`,
    tally.marked,
    secondsOf(recoveredMs),
    secondsOf(tookMs),
    findings.length,
  ])
  const heads = ['database', 'part', 'runs', 'kills', 'steps begun again', 'provider: done / asked', 'marked messages']
  return markdown([...heads, 'last recovery, s', 'took, s', 'findings'], rows, 2)
}

/** What each safeguard that was taken out showed. */
export function mutantsTable(missed: readonly Missed[]): string {
  const rows = missed.map(({ id, name, dialect, proven }) => {
    const failed = proven.find(({ report }) => report.findings.length > 0)
    const checks = [...new Set(failed?.report.findings.map(({ check }) => check))]
    return [id, name, dialect, failed?.title ?? 'nowhere', checks.join(', ') || '**nothing**']
  })
  return markdown(['mutant', 'what is taken out', 'database', 'shown by', 'checks that fail'], rows, 5)
}

const secondsOf = (ms: number): string => (ms / 1000).toFixed(1)

/** The first columns to the left, the others to the right. */
function markdown(heads: readonly string[], rows: readonly (string | number)[][], left: number): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  const rule = `|${heads.map((_, index) => (index < left ? '---' : '--:')).join('|')}|`
  return [line(heads), rule, ...rows.map(line)].join('\n')
}
