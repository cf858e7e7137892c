import type { JsonObject } from '#core/json.ts'
import { decideReview } from '#core/reviews/decide.ts'
import type { ReviewView } from '#core/reviews/view.ts'
import { defineCommand, type UserCall } from '../command.ts'
import { askAlone } from '../form/ask.ts'
import { renderLine } from '../grammar/render.ts'
import { parseLine } from '../grammar.ts'
import { readInputs } from '../job/inputs.ts'
import { hashFlag, lineFor, outcomeReply, reviewArgument, reviewMeant } from './meant.ts'

export const choose = defineCommand({
  name: 'choose',
  summary: 'Choose one of several',
  group: 'reviews',
  args: [
    reviewArgument,
    { name: 'variant', kind: 'word', summary: 'Its number or name; the buttons have them' },
    { name: 'comment', kind: 'text', optional: true },
  ],
  flags: [hashFlag],
  examples: ['/choose 2', '/choose 2 the shorter one'],
  run: async (call) => {
    const { core, actor, args, flags } = call
    const comment = args.comment?.trim()
    const command = (id: string) =>
      renderLine('choose', { words: [id, args.variant], ...(comment ? { text: comment } : {}) })
    const meant = await reviewMeant(call, { id: args.review, command })
    if ('ask' in meant) return meant.ask
    const { review } = meant
    const decided = await decideReview(core, actor, {
      reviewId: review.id,
      decision: 'choose',
      payloadHash: flags.hash ?? review.payloadHash,
      variantId: args.variant,
      ...(comment ? { comment } : {}),
    })
    const label = review.variants.find(({ id }) => id === args.variant)?.label ?? args.variant
    return outcomeReply(decided, `Chosen for ${review.title}: ${label}.`)
  },
})

export const answer = defineCommand({
  name: 'answer',
  summary: 'Fill in a form that waits for you',
  group: 'reviews',
  args: [
    reviewArgument,
    {
      name: 'answers',
      kind: 'text',
      label: 'name=value …',
      optional: true,
      summary: 'Asked for when you leave them out',
    },
  ],
  flags: [hashFlag],
  examples: ['/answer title="Spring release" urgent=yes'],
  run: async (call) => {
    const { core, actor, args, flags } = call
    const words = args.answers?.trim() ?? ''
    const command = (id: string) => renderLine('answer', { words: [id], ...(words ? { text: words } : {}) })
    const meant = await reviewMeant(call, { id: args.review, command })
    if ('ask' in meant) return meant.ask
    const { review } = meant
    const shown = { ...review, payloadHash: flags.hash ?? review.payloadHash }
    if (words === '' && !call.filled && review.kind === 'form' && review.canDecide) {
      const { title, prompt, schema } = review
      const note = prompt ?? title
      return askAlone(call, lineFor('answer', shown), { title, note, submitLabel: 'Send', inputSchema: schema ?? {} })
    }
    const decided = await decideReview(core, actor, {
      reviewId: review.id,
      decision: 'submit',
      payloadHash: shown.payloadHash,
      values: call.filled ?? (await readValues(call, review, words)),
    })
    return outcomeReply(decided, `Thank you. ${review.title} goes on with your answers.`)
  },
})

/** Read like the inputs of a job, from these words alone: the card that was answered is no answer. */
async function readValues(call: UserCall, { title, schema }: ReviewView, words: string): Promise<JsonObject> {
  const line = parseLine(`/answer ${words}`)
  if (line.kind !== 'command' || schema === null) return {}
  const { replyTo: _, ...incoming } = call.incoming
  const definition = {
    jobId: 'answer',
    displayName: title,
    description: '',
    inputSchema: schema,
    steps: [],
    outputs: {},
  }
  const target = { target: { job: 'answer' }, definition, command: 'answer' }
  return (await readInputs({ ...call, incoming }, line, target)).inputs
}
