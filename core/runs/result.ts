import type { Tx } from '#db/db.ts'
import { storeArtifact } from '../artifacts/store.ts'
import { type Part, text } from '../chat/message.ts'
import { putMessage } from '../chat/outbox.ts'
import type { Core } from '../core.ts'
import { cut } from '../cut.ts'
import { AGENT_TOOL } from '../jobs/price-key.ts'
import type { Json, JsonObject } from '../json.ts'
import { isModelTool } from '../models/model-tools.ts'
import { taskOfRun } from '../tasks/by-agent/key.ts'
import { variantsOfJob } from '../variants/job.ts'
import { retryButton } from './buttons.ts'
import { storedFileOf } from './large-outputs.ts'
import { RESULT_REVIEW } from './state.ts'
import { canRetryRun } from './states.ts'
import type { StoredRun } from './stored.ts'

type Needs = Pick<Core, 'ids' | 'queue' | 'clock'>

/** Longer texts are shown by their beginning; the file has it all. */
const SHOWN_CHARACTERS = 3_000
/** Shorter than this and on one line, an output is an answer and needs no file. */
const FILE_FROM_CHARACTERS = 200

/** Posts what a run brought to where it was asked for: a message of its own, with its files. Once, with the settlement. */
export async function postResult(core: Needs, tx: Tx, run: StoredRun, nowMs: number): Promise<void> {
  const { channel, conversation, id } = run.row
  // What came of the work on a task is shown once: in its review.
  if (!conversation || taskOfRun(run.row) !== undefined) return
  const brought = await resultParts(core, tx, run, nowMs)
  const isAlone = channel === 'email' && run.pins.follower === undefined
  const parts = isAlone ? withoutCard(run, brought) : brought
  if (parts.length > 0) await putMessage(core, tx, { channel, conversation, reply: { parts }, cause: id })
}

/** A card that changes in place says how it ended and offers what comes next; mail has none. */
function withoutCard({ row, state, definition }: StoredRun, brought: Part[]): Part[] {
  if (state.status === 'succeeded') return [text(`✓ ${definition.displayName} is done.`, 'strong'), ...brought]
  // One that was stopped says so by itself.
  const isNews = brought.length > 0
  return isNews && canRetryRun(state.status)
    ? [...brought, { type: 'buttons', buttons: [retryButton(row.id)] }]
    : brought
}

async function resultParts(core: Needs, tx: Tx, run: StoredRun, nowMs: number): Promise<Part[]> {
  const { state, definition } = run
  const parts: Part[] = []
  for (const { title, outputs } of variantsIn(run)) {
    if (title) parts.push(text(title, 'heading'))
    const shown = Object.entries(asksModel(run) ? saidIn(outputs) : outputs)
    for (const [name, value] of shown) {
      if (shown.length > 1) parts.push(text(name, 'strong'))
      parts.push(...(await outputParts(core, tx, run, name, value, nowMs)))
    }
    if (asksModel(run) && outputs.mock === true)
      parts.push(text('Made up by the mock: no model is connected.', 'muted'))
  }
  if (state.status === 'succeeded' || state.status === 'cancelled') return parts
  const why = state.error ?? state.steps.find(({ error, status }) => status === 'failed' && error)?.error
  const verb = state.status === 'failed' ? 'failed' : 'ended with gaps'
  return [text(`${definition.displayName} ${verb}${why ? `: ${why.message}` : '.'}`), ...parts]
}

/** One tool by itself that asks a model. What it used and did on the way stands with the run, for who wants to know. */
const asksModel = ({ definition: { steps }, row }: StoredRun): boolean =>
  row.job_id === null &&
  steps.every((step) => 'toolId' in step && (isModelTool(step.toolId) || step.toolId === AGENT_TOOL))

const saidIn = ({ text: said, value }: JsonObject): JsonObject => ({
  ...(said === undefined ? {} : { text: said }),
  ...(value === undefined ? {} : { value }),
})

/** What a run brought, each of several variants under its own heading. */
function variantsIn(run: StoredRun): { title?: string; outputs: JsonObject }[] {
  if (isHeldBack(run)) return []
  const { state, definition } = run
  if (variantsOfJob(definition) === undefined) return [{ outputs: state.outputs ?? {} }]
  const done = state.steps.filter(({ status, parentSeq }) => status === 'succeeded' && parentSeq === null)
  return done.map(({ output }, place) => ({ title: `Variant ${place + 1}`, outputs: output ?? {} }))
}

/** What people were to look at first, and did not let pass, is not posted where others read it. */
const isHeldBack = ({ definition, state }: StoredRun): boolean =>
  definition.review !== undefined &&
  !state.steps.some(({ stepId, status }) => stepId === RESULT_REVIEW && status === 'succeeded')

async function outputParts(
  core: Needs,
  tx: Tx,
  run: StoredRun,
  name: string,
  value: Json,
  nowMs: number,
): Promise<Part[]> {
  const stored = await storedFileOf(tx, run.row.id, value)
  if (stored) return [{ type: 'file', ...stored }]
  const isText = typeof value === 'string'
  const content = isText ? value : JSON.stringify(value, null, 2)
  const shown = shorten(content)
  const part: Part = isText ? { type: 'markdown', text: shown } : { type: 'code', text: shown, language: 'json' }
  if (isText && content.length < FILE_FROM_CHARACTERS && !content.includes('\n')) return [part]
  const file = await storeArtifact(core, tx, {
    context: run.context,
    accountId: run.row.account_id,
    runId: run.row.id,
    name: fileName(run, name, isText ? 'md' : 'json'),
    mediaType: isText ? 'text/markdown' : 'application/json',
    bytes: Buffer.from(content),
    nowMs,
  })
  return [
    part,
    { type: 'file', artifactId: file.id, name: file.name, mediaType: file.mediaType, sizeBytes: file.sizeBytes },
  ]
}

function fileName({ state, row }: StoredRun, output: string, extension: string): string {
  const single = Object.keys(state.outputs ?? {}).length === 1
  return `${row.job_key}${single ? '' : `-${output}`}.${extension}`
}

/** Cut at the end of a line, so that no Markdown is torn. */
function shorten(content: string): string {
  if (content.length <= SHOWN_CHARACTERS) return content
  const lineEnd = content.lastIndexOf('\n', SHOWN_CHARACTERS)
  const shown = cut(content, lineEnd > SHOWN_CHARACTERS / 2 ? lineEnd : SHOWN_CHARACTERS)
  return `${shown}\n\n… the rest is in the file.`
}
