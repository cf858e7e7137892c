import { headerProblems, nameProblems, refuse, urlProblems, within } from '../endpoints/check.ts'
import type { Problem } from '../errors.ts'
import { isJsonObject, type Json } from '../json.ts'
import { parseUsd } from '../money.ts'
import { isSecret } from '../outbound/sign.ts'
import { checkTemplate, variablesOf } from '../tools/liquid.ts'
import { DEADLINE_MS, type ProviderDefinition, type RequestTemplate } from './provider.ts'

/** What templates may name; anything else would only be found missing when a run is paid for. */
const SUBMIT_NAMES = ['params', 'callbackUrl', 'idempotencyKey']
const POLL_NAMES = ['providerRunId']

/** Everything that is wrong with a provider, at once (`bad_input`). */
export function checkProvider(provider: ProviderDefinition): void {
  const problems: Problem[] = [
    ...nameProblems(provider.name),
    ...templateProblems('submit', provider.submit, SUBMIT_NAMES),
    ...(provider.poll ? templateProblems('poll', provider.poll, POLL_NAMES) : []),
    ...within('deadlineMs', provider.deadlineMs, DEADLINE_MS.min, DEADLINE_MS.max),
    ...priceProblems(provider),
  ]
  for (const path of ['runIdPath', 'statusPath', 'resultPath'] as const) {
    if (provider[path].trim() === '') problems.push({ path, message: 'must not be empty' })
  }
  if (provider.successValues.length === 0) problems.push({ path: 'successValues', message: 'must not be empty' })
  const both = provider.successValues.filter((value) => provider.failureValues.includes(value))
  if (both.length > 0) problems.push({ path: 'failureValues', message: `has ${both.join(', ')}, a success as well` })
  if (!textsIn(provider.submit).some((text) => namesIn(text).includes('callbackUrl')) && provider.poll === null) {
    problems.push({ path: 'submit', message: 'must pass on {{ callbackUrl }} when there is no poll' })
  }
  if (provider.secret !== null && !isSecret(provider.secret)) {
    problems.push({ path: 'secret', message: 'must be whsec_ and base64' })
  }
  refuse(`The provider ${provider.name}`, problems)
}

function templateProblems(path: string, template: RequestTemplate, names: readonly string[]): Problem[] {
  const broken = textsIn(template).flatMap((text): Problem[] => {
    const problem = checkTemplate(text)
    if (problem !== undefined) return [{ path, message: `has a template that cannot be read: ${problem}` }]
    const unknown = namesIn(text).filter((name) => !names.includes(name))
    return unknown.map((name) => ({ path, message: `names ${name}; there are ${names.join(', ')}` }))
  })
  // Credentials go to this host, so that it may not depend on what a run was given.
  const host = /^https?:\/\/[^/?#{}]+(?=[/?#]|$)/i.exec(template.url)?.[0]
  if (host === undefined) {
    return [
      ...broken,
      { path: `${path}.url`, message: 'must begin with http:// or https:// and a host without a template' },
    ]
  }
  return [...broken, ...urlProblems(`${path}.url`, host), ...headerProblems(`${path}.headers`, template.headers)]
}

function priceProblems({ price }: ProviderDefinition): Problem[] {
  if (price === null) return []
  const [rate, max] = [parseUsd(price.rateUsd), parseUsd(price.maxUsd)]
  if (rate === undefined || max === undefined) {
    return [{ path: 'price', message: 'must be an amount in dollars, like 0.05' }]
  }
  return max === rate ? [] : [{ path: 'price.maxUsd', message: 'must be the same as rateUsd: a job has one price' }]
}

const namesIn = (text: string): string[] =>
  checkTemplate(text) === undefined ? variablesOf(text).flatMap(([name]) => (name === undefined ? [] : [name])) : []

function textsIn({ url, headers, query, body }: RequestTemplate): string[] {
  return [url, ...Object.values(headers), ...Object.values(query), ...textsOf(body)]
}

function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsOf)
  return isJsonObject(value) ? Object.values(value).flatMap(textsOf) : []
}
