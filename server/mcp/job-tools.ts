import type { CallToolResult } from '@modelcontextprotocol/server'
import type { Core } from '#core/core.ts'
import { listPublished } from '#core/jobs/read.ts'
import type { JsonObject } from '#core/json.ts'
import { actorOfCall, type Caller } from './caller.ts'
import { placeOf, placesOf } from './contexts.ts'
import { callJob } from './job-call.ts'
import { jobListing } from './job-listing.ts'
import { jobNamed } from './named-job.ts'
import type { Call, ToolListing } from './tool.ts'

/**
 * The published jobs that a caller may run, as tools. Those of the context they are in, with the public ones, by their own
 * names. Where the connection is for no one context, those that their other contexts have of their own follow, with the
 * context behind a dot: `release-notes.personal`, `release-notes.1f0c2a9b`. A name never changes its meaning because a
 * job of the same name appears elsewhere.
 */
export async function listJobTools(core: Core, caller: Caller): Promise<ToolListing[]> {
  const actor = await actorOfCall(core, caller)
  const places = await placesOf(core, actor)
  const here = placeOf(places, actor)
  const isFixed = caller.context !== undefined
  const listed: ToolListing[] = []
  if (here) {
    const jobs = await listPublished(core, actor)
    listed.push(...jobs.map((job) => jobListing(core, job, { place: here, hasContext: !isFixed && !job.isOwn })))
  }
  if (isFixed) return listed
  for (const place of places) {
    if (place === here) continue
    const own = (await listPublished(core, { ...actor, context: place.context })).filter(({ isOwn }) => isOwn)
    const names = own.map((job) => ({ job, name: `${job.jobId}.${place.suffix}` }))
    listed.push(...names.map(({ job, name }) => jobListing(core, job, { name, place, hasContext: false })))
  }
  return listed
}

/** Runs the job that a tool's name means; undefined when it means none. */
export async function callJobTool(
  core: Core,
  caller: Caller,
  { name, args }: { name: string; args: JsonObject },
  call: Call,
): Promise<CallToolResult | undefined> {
  const found = await jobNamed(core, caller, name)
  return found && callJob(core, caller, found, args, call)
}
