import type { Reply } from '#core/chat/message.ts'
import { decideReview } from '#core/reviews/decide.ts'
import type { JsonSchema } from '#core/schema.ts'
import { defineCommand, type UserCall } from '../command.ts'
import { askAlone } from '../form/ask.ts'
import { renderLine } from '../grammar/render.ts'
import { hashFlag, lineFor, outcomeReply, reviewArgument, reviewMeant } from './meant.ts'

export const approve = defineCommand({
  name: 'approve',
  summary: 'Approve what waits for you',
  group: 'reviews',
  args: [reviewArgument, { name: 'comment', kind: 'text', optional: true }],
  flags: [hashFlag],
  examples: ['/approve', '/approve well done'],
  run: (call) => decide(call, { name: 'approve', decision: 'approve', words: call.args.comment, done: 'Approved' }),
})

export const reject = defineCommand({
  name: 'reject',
  summary: 'Reject what waits for you, with the reason',
  group: 'reviews',
  args: [reviewArgument, { name: 'reason', kind: 'text', optional: true, summary: 'Asked for when you leave it out' }],
  flags: [hashFlag],
  examples: ['/reject the numbers are from last year'],
  run: (call) => {
    const { reason } = call.args
    return decide(call, { name: 'reject', decision: 'reject', words: reason, done: 'Rejected', question: 'Why?' })
  },
})

export const requestchanges = defineCommand({
  name: 'requestchanges',
  summary: 'Have it made again, with what should be different',
  group: 'reviews',
  args: [reviewArgument, { name: 'comment', kind: 'text', optional: true, summary: 'Asked for when you leave it out' }],
  flags: [hashFlag],
  examples: ['/requestchanges shorter, and without the table'],
  run: (call) => {
    const question = 'What should be different?'
    const done = 'Sent back; it is made again'
    return decide(call, {
      name: 'requestchanges',
      decision: 'request_changes',
      words: call.args.comment,
      done,
      question,
    })
  },
})

interface Deciding {
  name: string
  decision: 'approve' | 'reject' | 'request_changes'
  words: string | undefined
  /** What is said when it worked. */
  done: string
  /** Asked when there are no words, where words are needed. */
  question?: string
}

const COMMENT: JsonSchema = {
  type: 'object',
  properties: { comment: { type: 'string', title: 'Reason', format: 'textarea', minLength: 1 } },
  required: ['comment'],
}

type Call = UserCall & { args: { review?: string }; flags: { hash?: string } }

async function decide(call: Call, { name, decision, words, done, question }: Deciding): Promise<Reply> {
  const { core, actor, args, flags } = call
  const filled = call.filled?.comment
  const comment = words?.trim() || (typeof filled === 'string' ? filled : undefined)
  const command = (id: string) => renderLine(name, { words: [id], ...(comment ? { text: comment } : {}) })
  const meant = await reviewMeant(call, { id: args.review, command })
  if ('ask' in meant) return meant.ask
  const { review } = meant
  const shown = { ...review, payloadHash: flags.hash ?? review.payloadHash }
  if (question !== undefined && comment === undefined && review.canDecide) {
    return askAlone(call, lineFor(name, shown), {
      title: review.title,
      note: question,
      submitLabel: 'Send',
      inputSchema: COMMENT,
    })
  }
  const decided = await decideReview(core, actor, {
    reviewId: review.id,
    decision,
    payloadHash: shown.payloadHash,
    ...(comment ? { comment } : {}),
  })
  return outcomeReply(decided, `${done}: ${review.title}.`)
}
