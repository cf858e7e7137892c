import { defineTool } from '#core/tools/tool.ts'

/** Does nothing and costs a cent's hundredth: what is measured is everything around a tool. */
export const noop = defineTool({
  toolId: 'bench.noop',
  version: '1.0.0',
  displayName: 'Nothing',
  description: 'Gives back what it got.',
  category: 'bench',
  inputSchema: { type: 'object', properties: { value: { type: 'string' } } },
  outputSchema: { type: 'object', properties: { value: { type: 'string' } } },
  price: { unit: 'run', rateMicros: 100n, maxMicros: 100n },
  sideEffect: 'none',
  execute: async (input) => ({ output: { value: input.value ?? '' } }),
})

/** Three of them in a row. */
export const threeSteps = {
  jobId: 'three-steps',
  displayName: 'Three steps',
  description: 'One after the other.',
  inputSchema: { type: 'object', properties: { value: { type: 'string', default: 'x' } } },
  steps: ['first', 'second', 'third'].map((stepId, index) => ({
    stepId,
    toolId: 'bench.noop',
    inputMappings: {
      value: index === 0 ? { input: 'value' } : { step: ['first', 'second'][index - 1] as string, output: 'value' },
    },
  })),
  outputs: { value: { step: 'third', output: 'value' } },
}
