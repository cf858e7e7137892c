import { type EndpointDefinition, endpointOf } from '../endpoints/endpoint.ts'
import type { Tool } from './tool.ts'

/**
 * The tool that a stored endpoint is: `http.request` with the endpoint chosen. Undefined for ids of other tools. With the
 * definition at hand it says what the endpoint takes; without, it takes anything.
 */
export function endpointTool(
  request: Tool | undefined,
  toolId: string,
  definition?: EndpointDefinition,
): Tool | undefined {
  const name = endpointOf(toolId)
  if (!request || name === undefined) return undefined
  const { query, headers, body, params } = request.inputSchema.properties ?? {}
  const wanted = definition?.bodySchema ? { ...params, ...definition.bodySchema } : params
  return {
    ...request,
    toolId,
    displayName: definition ? name : request.displayName,
    description: definition?.description || `Calls the endpoint ${name}.`,
    visibility: 'team',
    inputSchema: {
      type: 'object',
      properties: { ...(wanted ? { params: wanted } : {}), ...dropUndefined({ query, headers, body }) },
    },
    platformHints: {},
    execute: (input, context) => request.execute({ ...input, endpoint: name }, context),
  }
}

const dropUndefined = <T extends object>(values: Record<string, T | undefined>): Record<string, T> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, T] => entry[1] !== undefined))
