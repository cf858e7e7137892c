import { insertProposal } from '#db/proposals.ts'
import type { Actor } from '../actor.ts'
import { type NewMessage, putMessage } from '../chat/outbox.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { isModelThere } from '../models/is-there.ts'
import { EXTRACT_TOOL } from '../models/model-tools.ts'
import { answerBefore, once } from '../once.ts'
import { prepareRun } from '../runs/prepare.ts'
import { submitPrepared } from '../runs/submit.ts'
import { wordsKey } from './key.ts'
import { LIFETIME_MS, placeOf, type SaidAt } from './proposal.ts'

/** A command line with its inputs fits; a story does not. */
const ANSWER_TOKENS_MAX = 600

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'tools' | 'queue' | 'log' | 'settings' | 'outbound' | 'models'>

/**
 * Has a model look at what somebody said, in a run of their context that they pay for like any other. Its end wakes the work
 * that proposes what came of it. What is said `meanwhile` is written with it, so that no answer, however fast, gets before
 * it. The same delivery again asks nothing new. False, and nothing is spent or said, where there is no model to ask, no money
 * for it, or the team does not allow it: then the words stay words.
 */
export async function askWhatIsMeant(
  core: Needs,
  actor: Actor,
  at: SaidAt,
  request: { system: string; prompt: string; schema: JsonObject },
  meanwhile?: Pick<NewMessage, 'reply' | 'hints'>,
): Promise<boolean> {
  const operation = 'words.ask'
  const input = request.prompt
  if (await answerBefore<string>(core.db, { actor, operation, input })) return true
  const nowMs = core.clock.nowMs()
  if (!(await isModelThere(core, actor, ANSWER_TOKENS_MAX))) return false
  const id = core.ids.newId('say')
  try {
    const prepared = await prepareRun(core, actor, {
      target: { tool: EXTRACT_TOOL },
      inputs: { ...request, maxTokens: ANSWER_TOKENS_MAX },
      how: { follower: wordsKey(id) },
    })
    await core.db.write(async function askWhatIsMeant(tx) {
      return once(tx, { actor, operation, input, nowMs }, async () => {
        const { runId } = await submitPrepared(core, tx, actor, prepared, undefined, 'refuse')
        const place = placeOf(actor, at)
        await insertProposal.run(tx, {
          id,
          ...place,
          state: 'asked',
          line: null,
          target: null,
          needsSure: 0,
          runId,
          nowMs,
          expiresAtMs: nowMs + LIFETIME_MS,
        })
        if (meanwhile) {
          const { channel, conversation, onlyFor } = place
          const only = onlyFor === null ? {} : { onlyFor }
          await putMessage(core, tx, { channel, conversation, ...only, ...meanwhile, cause: runId, isAwaited: true })
        }
        return id
      })
    })
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}
