import { accountById } from '#core/accounts/account.ts'
import { type Button, type Reply, reply, text } from '#core/chat/message.ts'
import { AppError } from '#core/errors.ts'
import { acceptVariant } from '#core/variants/accept.ts'
import { exportVariant, fileParts } from '#core/variants/export.ts'
import { EXPORT_FORMATS, type ExportFormat } from '#core/variants/formats.ts'
import { type VariantView, variantsOfRun } from '#core/variants/read.ts'
import { defineCommand, type UserCall } from './command.ts'
import { renderLine } from './grammar/render.ts'
import { buttons, dateTime, heading, muted, SILENCE, shorten } from './replies.ts'
import { runMeantBy, runMeantOnce } from './run-meant.ts'

/** Enough of a variant to tell it from the others. */
const PREVIEW_CHARACTERS = 400

export const variants = defineCommand({
  name: 'variants',
  summary: 'What a run brought, to choose from',
  group: 'jobs',
  args: [{ name: 'run', kind: 'word', optional: true, summary: 'Nothing for the newest, or answer its card' }],
  run: async (call) => {
    const { core, actor } = call
    const { run, variants: found } = await variantsOfRun(core, actor, await runMeantBy(call, call.args.run, 'newest'))
    if (found.length === 0) throw nothingYet(run.row.job_key)
    const isOpen = found.every(({ accepted }) => accepted === null)
    return reply(
      heading(`${run.definition.displayName} · ${found.length === 1 ? '1 variant' : `${found.length} variants`}`),
      ...found.flatMap((variant) => [
        text(titleOf(variant), 'strong'),
        text(preview(variant)),
        buttons(...(isOpen ? [acceptButton(variant)] : []), exportButton(variant)),
      ]),
    )
  },
})

export const accept = defineCommand({
  name: 'accept',
  summary: 'Accept a result; one of each run, and then it stays as it is',
  group: 'jobs',
  args: [{ name: 'variant', kind: 'word', optional: true, summary: 'Its number; nothing for the only one' }],
  flags: [{ name: 'quiet', kind: 'boolean', summary: 'Without an answer: the card says it, and its button has this' }],
  examples: ['/accept', '/accept 2'],
  run: async (call) => {
    const { core, actor, account, args, flags } = call
    const pointed = await variantPointedAt(call, args.variant)
    if ('choose' in pointed) return chooseOne('Which one do you accept?', pointed.choose, acceptButton)
    const { jobId, number, accepted } = await acceptVariant(core, actor, pointed.variantId)
    if (accepted && accepted.accountId !== actor.accountId) {
      const who = (await accountById(core.db, accepted.accountId))?.handle
      return reply(
        `@${who} accepted variant ${number} of ${jobId} already, on ${dateTime(accepted.at, account.timeZone)}.`,
      )
    }
    return flags.quiet ? SILENCE : reply(`Variant ${number} of ${jobId} is accepted.`)
  },
})

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'A result as a file: Markdown, JSON, CSV, or as it is',
  group: 'jobs',
  args: [
    { name: 'variant', kind: 'word', optional: true, summary: 'Its number; nothing for the only one' },
    { name: 'format', kind: 'word', choices: EXPORT_FORMATS, optional: true },
  ],
  examples: ['/export', '/export csv', '/export 2 markdown'],
  run: async (call) => {
    const { core, actor, args } = call
    const [named, format] = isFormat(args.variant) ? [undefined, args.variant] : [args.variant, args.format]
    const pointed = await variantPointedAt(call, named)
    if ('choose' in pointed) return chooseOne('Which one?', pointed.choose, (variant) => exportButton(variant, format))
    const { variantId } = pointed
    if (format === undefined || !isFormat(format)) {
      return reply('As what?', buttons(...EXPORT_FORMATS.map((one) => formatButton(variantId, one))))
    }
    const { files } = await exportVariant(core, actor, { variantId, format, to: 'download' })
    return reply(...fileParts(files))
  },
})

type Pointed = { variantId: string } | { choose: VariantView[] }

/** By its id, by its number in the run that is meant, or the only one; several are offered to choose from. */
async function variantPointedAt(call: UserCall, named: string | undefined): Promise<Pointed> {
  if (named?.startsWith('var_')) return { variantId: named }
  const { core, actor } = call
  const { run, variants: found } = await variantsOfRun(core, actor, await runMeantOnce(call, undefined, 'newest'))
  if (found.length === 0) throw nothingYet(run.row.job_key)
  const accepted = found.find((variant) => variant.accepted !== null)
  const chosen =
    named === undefined ? (accepted ?? (found.length === 1 ? found[0] : undefined)) : found[Number(named) - 1]
  if (chosen) return { variantId: chosen.id }
  if (named === undefined) return { choose: found }
  throw new AppError(
    'not_found',
    `There is no variant ${shorten(named, 40)} of ${run.row.job_key}: it has ${found.length}.`,
  )
}

const nothingYet = (jobId: string): AppError =>
  new AppError('conflict', `${jobId} has no result to choose from. /status shows how it stands.`)

const chooseOne = (question: string, found: VariantView[], buttonOf: (variant: VariantView) => Button): Reply =>
  reply(question, muted('/variants shows what is in each.'), buttons(...found.map((variant) => buttonOf(variant))))

const acceptButton = ({ id, number }: VariantView): Button => ({
  label: `Accept ${number}`,
  command: renderLine('accept', { words: [id] }),
  style: 'primary',
})

const exportButton = ({ id, number }: VariantView, format?: string): Button => ({
  label: `Export ${number}`,
  command: renderLine('export', { words: format === undefined ? [id] : [id, format] }),
})

const LABELS: Record<ExportFormat, string> = { markdown: 'Markdown', json: 'JSON', csv: 'CSV', file: 'As it is' }

const formatButton = (variantId: string, format: ExportFormat): Button => ({
  label: LABELS[format],
  command: renderLine('export', { words: [variantId, format] }),
})

const isFormat = (word: string | undefined): word is ExportFormat =>
  (EXPORT_FORMATS as readonly (string | undefined)[]).includes(word)

function titleOf({ number, revision, accepted }: VariantView): string {
  const edited = revision > 1 ? ` · revision ${revision}` : ''
  return `Variant ${number}${edited}${accepted ? ' · accepted' : ''}`
}

function preview({ outputs }: VariantView): string {
  const all = Object.values(outputs).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  return shorten(all.join(' · '), PREVIEW_CHARACTERS) || '(no outputs)'
}
