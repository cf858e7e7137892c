import { privately, reply } from '#core/chat/message.ts'
import { reviewCard } from '#core/reviews/card.ts'
import { waitingFor } from '#core/reviews/read.ts'
import { defineCommand } from '../command.ts'
import { renderLine } from '../grammar/render.ts'
import { buttons, dateTime, heading, privateReply, shorten } from '../replies.ts'
import { labelOf, reviewArgument, reviewMeant } from './meant.ts'

const BUTTONS_MAX = 8

export const reviews = defineCommand({
  name: 'reviews',
  summary: 'What waits for your decision',
  group: 'reviews',
  run: async ({ core, actor, account }) => {
    const waiting = await waitingFor(core, actor)
    if (waiting.length === 0) return reply('Nothing waits for your decision.')
    return privateReply(
      heading('Waits for your decision'),
      {
        type: 'table',
        columns: ['Since', 'Job', 'Asked'],
        rows: waiting.map(({ createdAt, title, prompt, kind }) => [
          dateTime(createdAt, account.timeZone),
          title,
          shorten(prompt ?? kind, 60),
        ]),
      },
      buttons(
        ...waiting
          .slice(0, BUTTONS_MAX)
          .map((one) => ({ label: labelOf(one), command: renderLine('review', { words: [one.id] }) })),
      ),
    )
  },
})

export const review = defineCommand({
  name: 'review',
  summary: 'What is to be decided, with its buttons',
  group: 'reviews',
  args: [reviewArgument],
  run: async (call) => {
    const command = (id: string) => renderLine('review', { words: [id] })
    const meant = await reviewMeant(call, { id: call.args.review, command })
    if ('ask' in meant) return meant.ask
    return privately({ parts: await reviewCard(call.core, call.actor, meant.review.id) })
  },
})
