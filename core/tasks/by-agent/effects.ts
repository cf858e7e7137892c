import type { Agent } from '../../agents/agent.ts'
import { sha256 } from '../../ids.ts'
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../json.ts'
import type { ToolRegistry } from '../../tools/registry.ts'

/** Something the result proposes to do to the world; done after approval, once. */
export type Effect = {
  toolId: string
  input: JsonObject
  /** Of tool, input, and which of several alike it is: its name in every run and in every round. */
  hash: string
  status: 'open' | 'done' | 'refused'
  runId: string | null
  /** Why it is not to be done. */
  reason: string | null
}

const EFFECTS_MOST = 20

/**
 * What a result proposes. What was done in an earlier round is done: the same again is not proposed anew. What the agent
 * may not do stands there as refused, so that whoever approves sees that too.
 */
export function proposedEffects(
  value: Json | undefined,
  { agent, tools, before }: { agent: Agent; tools: ToolRegistry; before: readonly Effect[] },
): Effect[] {
  const listed = isJsonObject(value) && Array.isArray(value.sideEffects) ? value.sideEffects : []
  const seen = new Map<string, number>()
  const done = before.filter(({ status }) => status === 'done')
  const proposed = listed.slice(0, EFFECTS_MOST).map((one): Effect => {
    const toolId = isJsonObject(one) && typeof one.toolId === 'string' ? one.toolId : ''
    const input = isJsonObject(one) && isJsonObject(one.input) ? one.input : {}
    const content = canonicalJson({ toolId, input })
    const number = seen.get(content) ?? 0
    seen.set(content, number + 1)
    const hash = sha256(`${content}#${number}`)
    const earlier = done.find((effect) => effect.hash === hash)
    if (earlier) return earlier
    const reason = whyNot(toolId, { agent, tools })
    return { toolId, input, hash, status: reason === null ? 'open' : 'refused', runId: null, reason }
  })
  const hashes = new Set(proposed.map(({ hash }) => hash))
  return [...done.filter(({ hash }) => !hashes.has(hash)), ...proposed]
}

function whyNot(toolId: string, { agent, tools }: { agent: Agent; tools: ToolRegistry }): string | null {
  const tool = tools.find(toolId)
  if (!tool || tool.visibility === 'internal') return 'There is no such tool here.'
  if (
    !agent.profile.tools.some((one) => one === toolId || (one.endsWith('.*') && toolId.startsWith(one.slice(0, -1))))
  ) {
    return `${agent.name} may not use this tool.`
  }
  const isNever = tool.sideEffect !== 'none' && agent.profile.permissions[tool.sideEffect] === 'never'
  return isNever ? `${agent.name} may never use tools that ${tool.sideEffect}.` : null
}
