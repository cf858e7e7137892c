import type { Tx } from '#db/db.ts'
import type { Actor } from '../actor.ts'
import { storeArtifact } from '../artifacts/store.ts'
import { type Part, text } from '../chat/message.ts'
import { putMessage } from '../chat/outbox.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { AppError } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { once } from '../once.ts'
import { type StoredFile, storedFileOf } from '../runs/large-outputs.ts'
import { readableRun } from '../runs/read.ts'
import { requireContext } from '../teams/standing.ts'
import { choiceOf } from './choice.ts'
import { type ExportFormat, exportAs } from './formats.ts'
import { variantIdsOf } from './list.ts'
import { readableVariant, type StoredVariant, variantView } from './read.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue'>

export interface ExportRequest {
  variantId: string
  format: ExportFormat
  /** `chat` posts the files to where the run was asked for, `download` only keeps them. */
  to: 'download' | 'chat'
}

export type ExportedVariant = { variantId: string; files: ExportedFile[] }
type ExportedFile = { artifactId: string; name: string; mediaType: string; sizeBytes: number }

/**
 * A variant as one or more files, kept as artifacts of its context. The same request key again gives the same files.
 * Refused (`bad_request`) when it shall go to a chat and its run came from none.
 */
export async function exportVariant(core: Needs, actor: Actor, request: ExportRequest): Promise<ExportedVariant> {
  const nowMs = core.clock.nowMs()
  return core.db.write(async function exportVariantOnce(tx) {
    return once(tx, { actor, operation: 'variant.export', input: { ...request }, nowMs }, async () => {
      const variant = await readableVariant(tx, actor, request.variantId)
      // Who may only look may take away what they see; saying something in a team's chat is for its members.
      await requireContext(tx, actor, variant.run.context, request.to === 'chat' ? 'run' : 'read')
      const files = await keepFiles(core, tx, actor, variant, request.format, nowMs)
      if (request.to === 'chat') await postToChat(core, tx, variant, files)
      await appendEvents(tx, nowMs, [exported(actor, variant, request)])
      return { variantId: variant.id, files }
    })
  })
}

/** The same for a run: its accepted variant, otherwise its first. `conflict` when it has none. */
export async function exportRun(
  core: Needs,
  actor: Actor,
  { runId, format }: { runId: string; format: ExportFormat },
): Promise<ExportedVariant> {
  const variantId = await variantToExport(core, actor, runId)
  return exportVariant(core, actor, { variantId, format, to: 'download' })
}

async function variantToExport(core: Pick<Core, 'db'>, actor: Actor, runId: string): Promise<string> {
  const run = await readableRun(core.db, actor, runId)
  const choice = await choiceOf(core.db, runId)
  const [first] = (await variantIdsOf(core.db, [run.row])).get(runId) ?? []
  const variantId = choice?.variantId ?? first
  if (variantId === undefined) throw new AppError('conflict', `${run.row.job_key} has no result to export.`)
  return variantId
}

async function keepFiles(
  core: Needs,
  tx: Tx,
  actor: Actor,
  variant: StoredVariant,
  format: ExportFormat,
  nowMs: number,
): Promise<ExportedFile[]> {
  const { run, source, outputs } = variant
  const { number } = await variantView(tx, variant)
  const name = number > 1 ? `${run.row.job_key}-${number}` : run.row.job_key
  const stored: StoredFile[] = []
  const inline = { ...outputs }
  if (format === 'file') {
    // What is a file already is taken as it is.
    for (const [output, value] of Object.entries(outputs)) {
      const file = await storedFileOf(tx, source.id, value)
      if (!file) continue
      stored.push(file)
      delete inline[output]
    }
  }
  const files: ExportedFile[] = stored.map((file) => ({ ...file }))
  for (const { suffix, mediaType, content } of exportAs(format, run.definition.displayName, inline)) {
    const file = await storeArtifact(core, tx, {
      context: run.context,
      accountId: actor.accountId,
      runId: run.row.id,
      name: `${name}${suffix}`,
      mediaType,
      bytes: Buffer.from(content),
      nowMs,
    })
    files.push({ artifactId: file.id, name: file.name, mediaType, sizeBytes: file.sizeBytes })
  }
  if (files.length === 0) throw new AppError('conflict', `${run.row.job_key} has no outputs to export.`)
  return files
}

async function postToChat(core: Needs, tx: Tx, { run }: StoredVariant, files: readonly ExportedFile[]): Promise<void> {
  const { channel, conversation, id } = run.row
  if (!conversation)
    throw new AppError('bad_request', 'This run was not asked for in a chat, so there is none to post to.')
  const parts: Part[] = [text(run.definition.displayName, 'strong'), ...fileParts(files)]
  await putMessage(core, tx, { channel, conversation, reply: { parts }, cause: id })
}

export const fileParts = (files: readonly ExportedFile[]): Part[] => files.map((file) => ({ type: 'file', ...file }))

const exported = (actor: Actor, { id, run, revision }: StoredVariant, { format, to }: ExportRequest) => ({
  type: 'variant.exported',
  actor: actor.accountId,
  context: contextKey(run.context),
  subject: run.row.id,
  details: { variantId: id, revision, format, to, channel: actor.channel },
})
