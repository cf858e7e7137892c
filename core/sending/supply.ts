import type { Reader } from '#db/db.ts'
import type { Core } from '../core.ts'
import type { JsonObject } from '../json.ts'
import type { StoredRun } from '../runs/stored.ts'
import type { Supply } from '../tools/supply.ts'
import { ToolError } from '../tools/tool.ts'
import { chatAddressee, mailAddressee } from './addressee.ts'
import { MAIL_TOOL } from './order.ts'

type Needs = Pick<Core, 'db' | 'settings' | 'outbound'>

/** Tells a tool that sends whether whom it names may be written to, and how they are called. Nothing is sent here. */
export async function supplySend(core: Needs, run: StoredRun, toolId: string, input: JsonObject): Promise<Supply> {
  if (toolId === MAIL_TOOL && !core.settings.hasMail) {
    throw new ToolError('refused', 'No mail is sent here: the operator has not set EMAIL_SMTP_URL.')
  }
  const addressee = typeof input.to === 'string' ? await titleOf(core.db, run, toolId, input.to) : undefined
  return { input, context: { outbound: core.outbound, ...(addressee === undefined ? {} : { addressee }) } }
}

async function titleOf(on: Reader, run: StoredRun, toolId: string, to: string): Promise<string | undefined> {
  const reach = { context: run.context, accountId: run.row.account_id }
  if (toolId === MAIL_TOOL) {
    const found = await mailAddressee(on, reach, to)
    return found && `@${found.handle}`
  }
  const found = await chatAddressee(on, reach, to)
  if (!found || found.kind === 'person') return found && `@${found.handle}`
  return found.chats.length === 1 ? 'the chat of the team' : `${found.chats.length} chats of the team`
}
