import { type Reply, reply } from '#core/chat/message.ts'
import { contextTitle } from '#core/contexts/resolve.ts'
import { AppError } from '#core/errors.ts'
import { readBudgets } from '#core/policy/budgets/read.ts'
import { explainPolicy, type PolicyExplained, type PolicyQuestion, readPolicies } from '#core/policy/read.ts'
import { changePolicy } from '#core/policy/save.ts'
import { defineCommand, type UserCall } from './command.ts'
import { asFlag, buttons, dollars, fields, heading } from './replies.ts'

export const policy = defineCommand({
  name: 'policy',
  summary: 'Which model is asked here, why, and what may be spent',
  group: 'admin',
  args: [
    { name: 'what', kind: 'word', optional: true, summary: 'explain, model or mock; nothing shows what reigns' },
    { name: 'value', kind: 'rest', optional: true, label: 'job, model, on or off', summary: 'What it is about' },
  ],
  examples: ['/policy', '/policy explain release-notes', '/policy model openai/gpt-5-mini', '/policy mock on'],
  run: async (call) => answer(call, call.args.what?.toLowerCase(), call.args.value?.trim()),
})

async function answer(call: UserCall, what: string | undefined, value: string | undefined): Promise<Reply> {
  switch (what) {
    case undefined:
      return overview(call)
    case 'explain':
      return explained(call, value === undefined ? {} : { job: value })
    case 'model':
      if (value === undefined) return overview(call)
      return setModel(call, value)
    case 'mock':
      if (value === undefined) return overview(call)
      await changePolicy(call.core, call.actor, { mock: onOrOff(value) })
      return overview(call)
    default:
      throw new AppError(
        'bad_input',
        'After /policy comes explain <job>, model <model>, mock on, mock off, or nothing.',
      )
  }
}

function onOrOff(value: string): boolean {
  if (/^on$/i.test(value)) return true
  if (/^off$/i.test(value)) return false
  throw new AppError('bad_input', 'The mock is on or off: /policy mock on.')
}

/** One that nobody could be given is not set. */
async function setModel(call: UserCall, model: string): Promise<Reply> {
  const would = await explainPolicy(call.core, call.actor, { model })
  if (would.refused?.code === 'price_unknown') throw new AppError('price_unknown', would.refused.message)
  await changePolicy(call.core, call.actor, { model })
  return overview(call)
}

/** What reigns, what it gives at this moment, and the budgets, with a button for what one may change. */
async function overview({ core, actor, resolved }: UserCall): Promise<Reply> {
  const { effective, mayChange, banner } = await readPolicies(core, actor)
  const now = await explainPolicy(core, actor, {})
  const budgets = await readBudgets(core, actor)
  const as = asFlag(resolved)
  const list = budgets.map(
    ({ title, usedUsd, limitUsd, stop, level }) =>
      `${title}: ${dollars(usedUsd)} of ${dollars(limitUsd)}${stop ? '' : ' · only warns'}${level === 'fine' ? '' : ` · ${level}`}`,
  )
  const toggle = effective.mock
    ? { label: 'Turn the mock off', command: `/policy mock off --as ${as}` }
    : { label: 'Turn the mock on', command: `/policy mock on --as ${as}` }
  const explain = { label: 'Explain', command: `/policy explain --as ${as}` }
  return reply(
    heading(`Policy · ${contextTitle(resolved)}`),
    ...(banner === null ? [] : [banner]),
    fields({
      Default: effective.default?.model ?? 'whatever is connected',
      Allowed: effective.allowed.map((model) => (model === '*' ? 'every model' : model)).join(', '),
      'Instead, where it cannot be reached': effective.fallbacks.join(', ') || undefined,
      'While a budget runs low': effective.cheaper.join(', ') || undefined,
    }),
    now.explain,
    ...(list.length === 0 ? [] : [{ type: 'list' as const, items: list }]),
    buttons(explain, ...(mayChange ? [toggle] : [])),
  )
}

async function explained({ core, actor, resolved }: UserCall, asked: PolicyQuestion): Promise<Reply> {
  const found = await explainPolicy(core, actor, asked)
  const what = asked.job === undefined ? 'a tool by itself' : `the job ${asked.job}`
  return reply(
    heading(`What ${what} gets · ${contextTitle(resolved)}`),
    ...(found.banner === null ? [] : [found.banner]),
    fields({
      Model: found.choice ? `${found.choice.provider}/${found.choice.model}` : 'none',
      Case: CASES[found.case],
    }),
    found.explain,
  )
}

const CASES: Record<PolicyExplained['case'], string> = {
  team_default: 'what the context gives everybody',
  job_override: 'what this one gets instead',
  override_refused: 'what is not allowed',
  no_connection: 'nothing to reach it with',
  budget: 'a budget',
  circuit_open: 'a provider that fails',
}
