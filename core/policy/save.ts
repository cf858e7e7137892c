import { findPolicy, insertPolicy, replacePolicy } from '#db/policies.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import type { Json, JsonObject } from '../json.ts'
import { once } from '../once.ts'
import { ownerKey, type PolicyOwner, requirePolicyOwner } from './access.ts'
import { type PolicyDocument, readPolicy, storedPolicy } from './document.ts'

type Needs = Pick<Core, 'db' | 'clock'>

export interface PolicySaved {
  /** One more than the version that was read. */
  version: number
}

/**
 * Puts a policy in place of the one that was read: `version` is what it was then, 0 where there was none. Of two who read the
 * same one the second is refused (`precondition_failed`). What runs already keeps what was chosen for it.
 */
export async function savePolicy(
  core: Needs,
  actor: Actor,
  { document: given, version: before, owner }: { document: unknown; version: number; owner: PolicyOwner },
): Promise<PolicySaved> {
  const document = readPolicy(given)
  return writePolicy(core, actor, owner, { document: document as Json, version: before }, (_, version) => {
    if (version !== before) throw changed(version)
    return document
  })
}

/** Changes one thing in the context's own policy and leaves the rest: for those who do not see it whole, as in a chat. */
export const changePolicy = (
  core: Needs,
  actor: Actor,
  change: { mock: boolean } | { model: string },
): Promise<PolicySaved> =>
  writePolicy(core, actor, 'context', { change }, (before) =>
    readPolicy({ ...before, ...('model' in change ? { default: { ...before.default, ...change } } : change) }),
  )

const changed = (version: number): AppError =>
  new AppError('precondition_failed', `This policy was changed meanwhile: it is version ${version} now. Read it again.`)

async function writePolicy(
  core: Needs,
  actor: Actor,
  owner: PolicyOwner,
  asked: JsonObject,
  next: (before: PolicyDocument, version: number) => PolicyDocument,
): Promise<PolicySaved> {
  const nowMs = core.clock.nowMs()
  const context = ownerKey(actor, owner)
  return core.db.write(async function writePolicyOnce(tx) {
    await requirePolicyOwner(tx, actor, owner)
    return once(tx, { actor, operation: 'policy.set', input: { ...asked, context }, nowMs }, async () => {
      const row = await findPolicy.first(tx, { context })
      const before = row?.version ?? 0
      const document = next(row ? storedPolicy(row.document_json) : {}, before)
      const version = before + 1
      const write = { context, documentJson: JSON.stringify(document), by: actor.accountId, nowMs }
      const written = row
        ? await replacePolicy.run(tx, { ...write, before, version })
        : await insertPolicy.run(tx, write)
      if (written === 0) throw changed(version)
      const event = { type: 'policy.set', actor: actor.accountId, context: contextKey(actor.context), subject: context }
      await appendEvents(tx, nowMs, [{ ...event, details: { version, parts: Object.keys(document).sort() } }])
      return { version }
    })
  })
}
