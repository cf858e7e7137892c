import type { Problem } from '../errors.ts'
import { REQUEST_TOOL } from '../jobs/price-key.ts'
import { checkSchema } from '../schema-check.ts'
import { endpointTool } from './endpoint-tool.ts'
import type { Tool } from './tool.ts'

export interface ToolRegistry {
  /** `endpoint.<name>` is found whatever the name: whether a context has one of it is for the database to say. */
  find(toolId: string): Tool | undefined
  /** In the order they were given. */
  list(): Tool[]
}

/** The tools of this instance, by id. Throws with every problem at once when one is badly defined or an id is there twice. */
export function createToolRegistry(tools: readonly Tool[]): ToolRegistry {
  const byId = new Map<string, Tool>()
  const problems: string[] = []
  for (const tool of tools) {
    if (byId.has(tool.toolId)) problems.push(`${tool.toolId}: is there twice`)
    problems.push(...toolProblems(tool).map(({ path, message }) => `${tool.toolId}: ${path} ${message}`))
    byId.set(tool.toolId, tool)
  }
  if (problems.length > 0) throw new Error(`Tools cannot be registered:\n${problems.join('\n')}`)
  const request = byId.get(REQUEST_TOOL)
  return { find: (toolId) => byId.get(toolId) ?? endpointTool(request, toolId), list: () => [...byId.values()] }
}

const TOOL_ID = /^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$/
const TOOL_ID_LENGTH_MAX = 64
const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/

/** What is wrong with a definition, with the path of each problem. */
export function toolProblems(tool: Tool): Problem[] {
  const problems: Problem[] = []
  const check = (isFine: boolean, path: string, message: string): void => {
    if (!isFine) problems.push({ path, message })
  }
  const { toolId, price, retry, platformHints } = tool
  check(TOOL_ID.test(toolId) && toolId.length <= TOOL_ID_LENGTH_MAX, 'toolId', 'must be lower case words with dots')
  check(SEMVER.test(tool.version), 'version', 'must be a semantic version, like 1.0.0')
  check(tool.displayName.trim() !== '', 'displayName', 'must not be empty')
  check(tool.description.trim() !== '', 'description', 'must not be empty')
  check(price.rateMicros >= 0n, 'price.rateMicros', 'must not be negative')
  check(price.maxMicros >= 0n, 'price.maxMicros', 'must not be negative')
  check(
    price.unit !== 'run' || price.maxMicros >= price.rateMicros,
    'price.maxMicros',
    'must cover the rate of one run',
  )
  check(Number.isSafeInteger(tool.timeoutMs) && tool.timeoutMs > 0, 'timeoutMs', 'must be a whole number above 0')
  check(Number.isSafeInteger(retry.maxAttempts) && retry.maxAttempts >= 1, 'retry.maxAttempts', 'must be at least 1')
  problems.push(...checkSchema(tool.inputSchema, 'inputSchema'), ...checkSchema(tool.outputSchema, 'outputSchema'))
  check(tool.inputSchema.type === 'object', 'inputSchema.type', 'must be object')
  check(tool.outputSchema.type === 'object', 'outputSchema.type', 'must be object')
  const primary = platformHints.primaryInput
  check(
    primary === undefined || Object.hasOwn(tool.inputSchema.properties ?? {}, primary),
    'platformHints.primaryInput',
    `names “${primary}”, which is not in the input schema`,
  )
  return problems
}
