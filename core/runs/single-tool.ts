import { AppError } from '../errors.ts'
import type { JobDefinition } from '../jobs/definition.ts'
import type { JsonSchema } from '../schema.ts'
import type { ToolRegistry } from '../tools/registry.ts'

/** A tool called by itself is a job of one step; it is kept with the run. Internal tools cannot be called so. */
export function singleToolJob(tools: ToolRegistry, toolId: string): JobDefinition {
  const tool = tools.find(toolId)
  if (!tool || tool.visibility === 'internal') throw new AppError('not_found', `There is no tool ${toolId} here.`)
  const inputs = Object.keys(tool.inputSchema.properties ?? {})
  const outputs = Object.keys(tool.outputSchema.properties ?? {})
  return {
    jobId: toolId.replaceAll('.', '-'),
    displayName: tool.displayName,
    description: tool.description,
    inputSchema: leftOpen(tool.inputSchema),
    ...(tool.platformHints.primaryInput ? { primaryInput: tool.platformHints.primaryInput } : {}),
    steps: [
      {
        stepId: 'call',
        toolId,
        inputMappings: Object.fromEntries(inputs.map((name) => [name, { input: name }])),
      },
    ],
    outputs: Object.fromEntries(outputs.map((name) => [name, { step: 'call', output: name }])),
  }
}

/**
 * A saved default may fill what the caller left out, so nothing is required here and nothing filled in: the tool itself does
 * both, with what is still missing then.
 */
function leftOpen({ required: _, properties = {}, ...schema }: JsonSchema): JsonSchema {
  const open = Object.entries(properties).map(([name, { default: __, ...property }]) => [name, property] as const)
  return { ...schema, properties: Object.fromEntries(open) }
}
