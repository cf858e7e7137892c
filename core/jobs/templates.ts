import assert from 'node:assert'
import { hash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { JobDefinition } from './definition.ts'
import { parseDefinition } from './parse.ts'

/** The jobs every instance is shipped with, each in `templates/<jobId>.yaml`, two or three for each role. */
const TEMPLATE_IDS = [
  'release-notes',
  'changelog-digest',
  'campaign-brief',
  'faq-page',
  'reply-macro',
  'follow-up',
  'json-report',
  'kpi-summary',
  'nps-summary',
  'doc-check',
  'content-brief',
  'article-polish',
  'incident-report',
  'meeting-minutes',
  'text-fill',
  'data-query',
] as const

let shipped: readonly JobDefinition[] | undefined

/** The shipped templates in the order they are offered. Read from disk at the first call, kept from then on. */
export function shippedTemplates(): readonly JobDefinition[] {
  shipped ??= TEMPLATE_IDS.map(readTemplate)
  return shipped
}

/**
 * Stands for the templates and for what reads them, as they lie on this disk. While it is the same there is nothing to read:
 * reading all of them is a tenth of a start.
 */
export function shippedMark(): string {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).sort()
  const marks = files.map((file) => {
    const { size, mtimeMs } = statSync(join(import.meta.dirname, file))
    return `${file} ${size} ${mtimeMs}`
  })
  return hash('sha256', marks.join('\n'))
}

function readTemplate(jobId: string): JobDefinition {
  const source = readFileSync(join(import.meta.dirname, 'templates', `${jobId}.yaml`), 'utf8')
  const { definition, problems } = parseDefinition(source)
  assert(definition, `template ${jobId}: ${problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`)
  return definition
}
