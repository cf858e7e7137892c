import type { Tx } from '#db/db.ts'
import { findJobInContext, findSeeded, insertJob, insertJobVersion, markSeeded, updateJob } from '#db/jobs.ts'
import type { Core } from '../core.ts'
import { seedPrices } from '../economy/prices.ts'
import { canonicalJson, type Json } from '../json.ts'
import { seedModelPrices } from '../models/prices.ts'
import { seedProviders } from '../providers/save.ts'
import { storedDefinition } from '../runs/stored.ts'
import type { JobDefinition } from './definition.ts'
import { shippedMark, shippedTemplates } from './templates.ts'

/** Shipped jobs belong to the instance: nobody's context, everybody's to use. */
const SHIPPED = 'instance:shipped'
/** Ready as commands for everyone; the other templates are there to be copied. */
const READY: ReadonlySet<string> = new Set(['release-notes', 'doc-check', 'json-report'])

/** Puts in what the program ships with: prices and jobs. Run at each start; a changed template becomes a new version. */
export async function seedShipped(core: Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'settings'>): Promise<void> {
  const mark = JSON.stringify(shippedMark())
  const seeded = await findSeeded.first(core.db, {})
  const templates = seeded?.value_json === mark ? [] : shippedTemplates()
  await core.db.write(async function seedShipped(tx) {
    await seedPrices(tx, core.tools.list())
    await seedModelPrices(tx)
    await seedProviders(core, tx)
    for (const definition of templates) await seedJob(core, tx, definition)
    if (templates.length > 0) await markSeeded.run(tx, { valueJson: mark })
  })
}

async function seedJob(core: Pick<Core, 'ids' | 'clock'>, tx: Tx, definition: JobDefinition): Promise<void> {
  const nowMs = core.clock.nowMs()
  const jobKey = definition.jobId
  const before = await findJobInContext.first(tx, { context: SHIPPED, jobKey })
  const version = { definitionJson: JSON.stringify(definition), createdBy: 'system', nowMs }
  const status = READY.has(jobKey) ? 'published' : 'draft'
  if (!before) {
    const id = core.ids.newId('job')
    await insertJob.run(tx, { id, context: SHIPPED, jobKey, status, visibility: 'public', createdBy: 'system', nowMs })
    await insertJobVersion.run(tx, { jobId: id, version: 1, ...version })
    return
  }
  const newest = await storedDefinition(tx, before.id, before.version)
  if (canonicalJson(newest as unknown as Json) === canonicalJson(definition as unknown as Json)) return
  const next = before.version + 1
  const changed = {
    id: before.id,
    fromVersion: before.version,
    version: next,
    visibility: 'public' as const,
    status,
    nowMs,
  }
  // Another node that starts at the same moment may have been first.
  if ((await updateJob.run(tx, { ...changed, status })) > 0) {
    await insertJobVersion.run(tx, { jobId: before.id, version: next, ...version })
  }
}
