import { expect } from 'vitest'
import type { RunView } from '#core/runs/view.ts'
import { eventually } from '#tests/support/eventually.ts'
import type { Client } from './client.ts'
import { hashesOf } from './history.ts'
import type { Heard } from './voice.ts'

interface Group {
  title: string
  type: string
  commits: { hash: string; subject: string }[]
}

/** What release notes of a log must be, wherever they were asked for: every commit once, grouped, formatted. */
export function expectNotes(run: RunView, log: string): string {
  expect(run).toMatchObject({ jobId: 'release-notes', status: 'succeeded', costUsd: '0.002', error: null })
  const notes = String(run.outputs?.notes)
  const hashes = hashesOf(log)
  const [collect, format] = run.steps
  const groups = collect?.output?.groups as unknown as Group[]
  const counted = groups.flatMap(({ commits }) => commits.map(({ hash }) => hash))
  expect(counted.toSorted()).toEqual(hashes.toSorted())
  expect(collect?.output?.count).toBe(hashes.length)
  for (const hash of hashes) expect(notes.split(`(\`${hash.slice(0, 7)}\`)`), hash).toHaveLength(2)
  expect(headings(notes, '## ')).toEqual(groups.map(({ title }) => title))
  expect(notes.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(hashes.length)
  expect(format?.output).toEqual({ text: notes, changed: false })
  return notes
}

const headings = (notes: string, mark: string): string[] =>
  notes
    .split('\n')
    .filter((line) => line.startsWith(mark))
    .map((line) => line.slice(mark.length).replace('⚠️ ', ''))

/** The file as it arrived: openable text, under its name, byte for byte what the run brought. */
export function expectNotesFile({ files }: Heard, notes: string): void {
  const [file, ...others] = files
  expect(others).toEqual([])
  expect(file?.name).toBe('release-notes.md')
  expect(file?.mediaType ?? 'text/markdown').toBe('text/markdown')
  expect(new TextDecoder('utf-8', { fatal: true }).decode(file?.bytes)).toBe(notes)
}

/** The newest run of whoever asks. */
export async function newestRun(client: Client, accountId: string): Promise<RunView> {
  const { body: list } = await client.call('GET', `/v1/users/${accountId}/runs?limit=1`)
  return (await client.call('GET', `/v1/runs/${list.items[0]?.id}`)).body
}

export async function untilEnded(client: Client, runId: string): Promise<RunView> {
  return eventually(async () => {
    const { body } = await client.call('GET', `/v1/runs/${runId}`)
    if (body.finishedAt === null) throw new Error(`${runId} is ${body.status}`)
    return body
  }, 30_000)
}

const linted = new Set<string>()

/** Nothing for the formatter to change, nothing for the linter to find; each text is looked at once. */
export async function expectClean(client: Client, notes: string): Promise<void> {
  if (linted.has(notes)) return
  linted.add(notes)
  const inputs = { text: notes }
  const [format, lint] = await Promise.all([
    client.call('POST', '/v1/tools/docs.format/run', { json: { inputs: { ...inputs, language: 'markdown' } } }),
    client.call('POST', '/v1/tools/docs.lint/run', { json: { inputs } }),
  ])
  expect((await untilEnded(client, format.body.id)).outputs).toEqual({ text: notes, changed: false })
  expect((await untilEnded(client, lint.body.id)).outputs).toEqual({ findings: [], ok: true })
}
