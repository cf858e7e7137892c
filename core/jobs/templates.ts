import assert from 'node:assert'
import { readFileSync } from 'node:fs'
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

function readTemplate(jobId: string): JobDefinition {
  const source = readFileSync(join(import.meta.dirname, 'templates', `${jobId}.yaml`), 'utf8')
  const { definition, problems } = parseDefinition(source)
  assert(definition, `template ${jobId}: ${problems.map(({ path, message }) => `${path} ${message}`).join('; ')}`)
  return definition
}
