import type { Reply } from '#core/chat/message.ts'
import { contextOf } from '#core/context.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import { valuesOf } from '#core/forms/answers.ts'
import { formToSend, markSent } from '#core/forms/close.ts'
import type { Form } from '#core/forms/form.ts'
import { isComplete } from '#core/forms/steps.ts'
import type { JsonObject } from '#core/json.ts'
import type { UserCall } from '../command.ts'
import { startWith } from '../job/start-job.ts'
import { textOfFile } from '../job/text-file.ts'
import { SILENCE } from '../replies.ts'

/** Does what a form was for. Refused, it stays as it is, to be mended. The same delivery again answers the same. */
export async function sendForm(call: UserCall, formId: string): Promise<Reply> {
  const { core, actor } = call
  const form = await formToSend(core, actor, formId)
  // Something was taken back meanwhile: it is asked for again.
  if (!isComplete(form)) return { parts: [], formId }
  const { values, files } = valuesOf(form.answers)
  for (const [name, file] of files) values[name] = await textOfFile(call, file)
  const reply = await carryOut(call, form, values)
  await markSent(core, actor, formId)
  return reply
}

async function carryOut(call: UserCall, { purpose, conversation }: Form, values: JsonObject): Promise<Reply> {
  const { core, incoming, requestKey, account } = call
  const { type, id } = contextOf(purpose.context)
  const { channel } = incoming
  const payer = await actorFor(core, {
    accountId: account.id,
    channel,
    conversation,
    requestKey,
    explicit: `${type}/${id}`,
  })
  if (purpose.kind === 'line') return call.obey(purpose.line, values, payer)
  if (!purpose.target) return SILENCE
  return startWith({ ...call, ...payer }, purpose.target, values, conversation)
}
