import { z } from 'zod'
import { walletView } from '#core/economy/wallet.ts'
import { formatUsd } from '#core/money.ts'
import { confirmAboveMicros } from '#core/runs/confirm.ts'
import { definitionOf, quoteRun } from '#core/runs/quote.ts'
import { jsonObject, text } from '../../api/schemas.ts'
import { quoteView } from '../../api/start-run.ts'
import { payerOf, placesOf } from '../contexts.ts'
import { defineTool, READING, type Tool } from '../tool.ts'

export const MONEY_TOOLS: Tool[] = [
  defineTool({
    name: 'contexts.list',
    title: 'List contexts',
    description: 'Where jobs can be run, and who pays there: the person’s own context and their teams.',
    args: z.strictObject({ ...READING }),
    hints: { readOnly: true },
    async run(core, actor) {
      const places = await placesOf(core, actor)
      const items = places.map(({ context, label }) => ({ context: `${context.type}/${context.id}`, name: label }))
      return { items, current: `${actor.context.type}/${actor.context.id}` }
    },
  }),
  defineTool({
    name: 'wallet.get',
    title: 'Look at the wallet',
    description: 'The money of the context: balance, what is held, what is left, and the limits that apply.',
    args: z.strictObject({ ...READING }),
    hints: { readOnly: true },
    run: (core, actor) => walletView(core, actor, actor.context),
  }),
  defineTool({
    name: 'jobs.quote',
    title: 'Ask what a job would cost',
    description:
      'What a run would cost with these inputs, about and at most, and above which amount confirmUpToUsd is needed. Starts nothing.',
    args: z.strictObject({ jobId: text(100).min(1), inputs: jsonObject.exactOptional(), ...READING }),
    hints: { readOnly: true },
    async run(core, actor, { jobId, inputs }) {
      const quote = await quoteRun(core, actor, await definitionOf(core, actor, { job: jobId }), inputs)
      return {
        ...quoteView(quote),
        paidBy: await payerOf(core, actor, actor.context),
        confirmAboveUsd: formatUsd(await confirmAboveMicros(core, actor.context)),
      }
    },
  }),
]
