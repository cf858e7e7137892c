const STEPS = 12

/** A job that has something new to show with each of its steps. */
export const twelveSteps = (stepMs: number) => ({
  jobId: 'twelve-steps',
  displayName: 'Twelve steps',
  description: 'One short wait after the other.',
  inputSchema: { type: 'object', properties: {} },
  steps: Array.from({ length: STEPS }, (_, index) => ({
    stepId: `step${index + 1}`,
    displayName: `Step ${index + 1}`,
    toolId: 'wait',
    inputMappings: { ms: { value: stepMs } },
    ...(index > 0 ? { dependencies: [`step${index}`] } : {}),
  })),
  outputs: {},
})

/** The card when all of it is done, and nothing of it said twice. */
export const showsAllDone = (text: string): boolean =>
  /^✓ Twelve steps$/m.test(text) && [...text.matchAll(/^ *✓ Step (\d+)/gm)].map(([, step]) => step).join() === NUMBERS

const NUMBERS = Array.from({ length: STEPS }, (_, index) => index + 1).join()
export const isCard = (text: string): boolean => /Twelve steps$/m.test(text) && text.includes('Step 1')
