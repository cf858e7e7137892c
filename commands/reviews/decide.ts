import { awaitWords } from '#core/chat/awaited.ts'
import type { Reply } from '#core/chat/message.ts'
import { decideReview } from '#core/reviews/decide.ts'
import { defineCommand, type UserCall } from '../command.ts'
import { renderLine } from '../grammar/render.ts'
import { privateReply } from '../replies.ts'
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
    const question = 'Why? Send the reason as your next message here. /cancel drops it.'
    return decide(call, { name: 'reject', decision: 'reject', words: call.args.reason, done: 'Rejected', question })
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
    const question = 'What should be different? Send it as your next message here. /cancel drops it.'
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

type Call = UserCall & { args: { review?: string }; flags: { hash?: string } }

async function decide(call: Call, { name, decision, words, done, question }: Deciding): Promise<Reply> {
  const { core, actor, args, flags } = call
  const comment = words?.trim() || undefined
  const command = (id: string) => renderLine(name, { words: [id], ...(comment ? { text: comment } : {}) })
  const meant = await reviewMeant(call, { id: args.review, command })
  if ('ask' in meant) return meant.ask
  const { review } = meant
  const shown = { ...review, payloadHash: flags.hash ?? review.payloadHash }
  if (question !== undefined && comment === undefined && review.canDecide) {
    await awaitWords(core, actor, lineFor(name, shown))
    return privateReply(question)
  }
  const decided = await decideReview(core, actor, {
    reviewId: review.id,
    decision,
    payloadHash: shown.payloadHash,
    ...(comment ? { comment } : {}),
  })
  return outcomeReply(decided, `${done}: ${review.title}.`)
}
