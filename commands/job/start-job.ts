import type { Reply } from '#core/chat/message.ts'
import { contextKey } from '#core/context.ts'
import { termsOfJob } from '#core/forms/chosen.ts'
import { openForm } from '#core/forms/open.ts'
import type { JsonObject } from '#core/json.ts'
import { startRun } from '#core/runs/confirm.ts'
import type { UserCall } from '../command.ts'
import { waitingReply } from '../dispatch/refusal.ts'
import type { CommandLine } from '../grammar/line.ts'
import { SILENCE } from '../replies.ts'
import { askToConfirm } from './ask.ts'
import { readInputs } from './inputs.ts'
import type { JobTarget } from './target.ts'

/** Starts a job from a line of chat. Its card is the answer; before that it may ask for inputs, or whether to spend. */
export async function startJob(call: UserCall, line: CommandLine, job: JobTarget): Promise<Reply> {
  const { inputs, missing } = await readInputs(call, line, job)
  const { conversation } = call.incoming
  if (missing.length === 0) return startWith(call, job.target, inputs, conversation)
  return askForInputs(call, job, inputs)
}

/** Asks for what a job takes, whatever is known already, and starts it when that is sent. */
export async function askForInputs(
  { core, actor, incoming: { conversation } }: UserCall,
  job: JobTarget,
  given: JsonObject,
): Promise<Reply> {
  const purpose = { kind: 'run', target: job.target, context: contextKey(actor.context) } as const
  const request = { conversation, purpose, terms: termsOfJob(job.definition), given }
  return { parts: [], formId: await openForm(core, actor, request) }
}

export async function startWith(
  call: UserCall,
  target: JobTarget['target'],
  inputs: JsonObject,
  conversation: string,
): Promise<Reply> {
  const { core, actor, resolved } = call
  const started = await startRun(core, actor, { target, inputs, conversation })
  if ('runId' in started) return started.waitingFor ? waitingReply(started.waitingFor, call) : SILENCE
  return askToConfirm(call, resolved, started)
}
