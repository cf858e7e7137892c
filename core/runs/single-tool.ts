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
    inputSchema: withoutRequired(tool.inputSchema),
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

// A saved default may fill what the caller left out; the tool itself checks what is still missing.
const withoutRequired = ({ required: _, ...schema }: JsonSchema): JsonSchema => schema
