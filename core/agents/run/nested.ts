import type { Actor } from '../../actor.ts'
import type { Core } from '../../core.ts'
import { NESTING_MAX } from '../../jobs/types.ts'
import type { JsonObject } from '../../json.ts'
import type { NewChild } from '../../runs/child.ts'
import { encodePins } from '../../runs/pins.ts'
import { prepareRun } from '../../runs/prepare.ts'
import type { StoredRun } from '../../runs/stored.ts'
import { ToolError } from '../../tools/tool.ts'

/** A call that becomes a run of its own, ready to be written. */
export interface PreparedChild {
  child: Omit<NewChild, 'seq'>
  maxMicros: bigint
}

/**
 * Checks everything that a run of it would be refused for, with the rights of who the agent works for, and pins the world as
 * it is now. Throws an AppError, or a ToolError where runs stand too deep in each other.
 */
export async function prepareChild(
  core: Pick<Core, 'db' | 'clock' | 'tools' | 'settings'>,
  parent: StoredRun,
  payer: Actor,
  of: { tool: string } | { job: string },
  inputs: JsonObject,
): Promise<PreparedChild> {
  if (parent.row.depth >= NESTING_MAX) {
    throw new ToolError('limit_exceeded', `Runs may start runs ${NESTING_MAX} deep, not deeper.`)
  }
  const prepared = await prepareRun(core, payer, { target: of, inputs })
  const { maxMicros } = prepared.quote
  return {
    maxMicros,
    child: {
      jobId: prepared.jobId,
      jobKey: prepared.jobKey,
      jobVersion: prepared.jobVersion,
      definitionJson: prepared.jobId === null ? JSON.stringify(prepared.definition) : null,
      pinsJson: encodePins(prepared.pinned.pins),
      inputs: prepared.inputs,
      // A run without a share of its own would be bound by nothing.
      maxMicros: maxMicros > 0n ? maxMicros : 1n,
    },
  }
}
