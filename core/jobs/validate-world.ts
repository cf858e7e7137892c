import type { Problem } from '#core/errors.ts'
import { formatUsd } from '#core/money.ts'
import { namesIn, schemaAt } from '#core/schema-fit.ts'
import { didYouMean } from '#core/suggest.ts'
import type { Checking } from './checking.ts'
import { commandOf } from './definition.ts'
import { nestingFault } from './nesting.ts'
import { priceKeyOf, priceUnder } from './price-key.ts'
import { fixedCostOf, limitOf, quoteJob } from './quote.ts'

/** The job's command is free, and its primary input is one of its inputs. */
export function checkIdentity({ definition, world }: Checking): Problem[] {
  const { jobId, primaryInput, inputSchema } = definition
  const problems: Problem[] = []
  const taken = jobId === '' ? undefined : world.commandTaken(commandOf(jobId))
  if (taken) {
    const owner = taken === 'builtin' ? 'a built-in command' : "another job's command"
    problems.push({
      path: 'jobId',
      message: `would answer to /${commandOf(jobId)}, which is ${owner}; choose another id`,
    })
  }
  if (primaryInput !== undefined && schemaAt(inputSchema, [primaryInput]) === undefined) {
    const message = `there is no input ${primaryInput}${didYouMean(primaryInput, namesIn(inputSchema))}`
    problems.push({ path: 'primaryInput', message })
  }
  return problems
}

/** Tools and jobs exist and have a price; jobs do not come back to themselves. */
export function checkCalls({ definition, world }: Checking): Problem[] {
  return definition.steps.flatMap((step, index): Problem[] => {
    if ('toolId' in step) {
      const path = `steps.${index}.toolId`
      if (!world.tool(step.toolId)) {
        return [{ path, message: `there is no tool ${step.toolId}${didYouMean(step.toolId, world.toolIds())}` }]
      }
      const key = priceKeyOf(step)
      return priceUnder(key, world.price) ? [] : [{ path, message: unpriced(key) }]
    }
    if (!('jobId' in step)) return []
    const path = `steps.${index}.jobId`
    const isSelf = step.jobId === definition.jobId
    const job = isSelf ? undefined : world.job(step.jobId)
    if (!job && !isSelf) {
      const others = world.jobIds().filter((jobId) => jobId !== definition.jobId)
      return [{ path, message: `there is no job ${step.jobId}${didYouMean(step.jobId, others)}` }]
    }
    const fault = nestingFault(definition.jobId, step.jobId, world)
    if (fault !== undefined || !job) return [{ path, message: fault ?? 'a job cannot call itself' }]
    const quoted = quoteJob(job.definition, world)
    return 'unknownPrices' in quoted ? quoted.unknownPrices.map((name) => ({ path, message: unpriced(name) })) : []
  })
}

const unpriced = (name: string): string => `${name} has no price here, so it cannot run (price_unknown)`

/** The job's own limit lets it run through at least once. */
export function checkLimits({ definition, world }: Checking): Problem[] {
  const limit = limitOf(definition)
  if (limit === undefined) return []
  const fixed = fixedCostOf(definition, world)
  if (limit >= fixed) return []
  const message = `is below the fixed prices of its steps, which are ${formatUsd(fixed)} together`
  return [{ path: 'limits.maxCostUsd', message }]
}

/** Enough people are named for the decisions that are asked for. */
export function checkReviews({ definition }: Checking): Problem[] {
  const reviews = definition.steps.flatMap((step, index) =>
    'review' in step ? [{ review: step.review, at: `steps.${index}.review` }] : [],
  )
  if (definition.review) reviews.push({ review: definition.review, at: 'review' })
  return reviews.flatMap(({ review: { approvers }, at }) => {
    const { count, people = [], accounts = [], roles = [] } = approvers ?? {}
    const named = new Set([...people, ...accounts].map((name) => name.replace(/^@/, '').toLowerCase()))
    if (count === undefined || named.size === 0 || roles.length > 0 || count <= named.size) return []
    return [
      { path: `${at}.approvers.count`, message: `asks for ${count} decisions, but only ${named.size} may decide` },
    ]
  })
}
