const STEPS = 12
const STEP_MS = 200

/** A job that has something new to show five times a second, for more than two seconds. */
export const TWELVE_STEPS = {
  jobId: 'twelve-steps',
  displayName: 'Twelve steps',
  description: 'One short wait after the other.',
  inputSchema: { type: 'object', properties: {} },
  steps: Array.from({ length: STEPS }, (_, index) => ({
    stepId: `step${index + 1}`,
    displayName: `Step ${index + 1}`,
    toolId: 'wait',
    inputMappings: { ms: { value: STEP_MS } },
    ...(index > 0 ? { dependencies: [`step${index}`] } : {}),
  })),
  outputs: {},
}

/** The card when all of it is done, and nothing of it said twice. */
export const showsAllDone = (text: string): boolean =>
  /^✓ Twelve steps$/m.test(text) && [...text.matchAll(/^ *✓ Step (\d+)/gm)].map(([, step]) => step).join() === NUMBERS

const NUMBERS = Array.from({ length: STEPS }, (_, index) => index + 1).join()
export const isCard = (text: string): boolean => /Twelve steps$/m.test(text) && text.includes('Step 1')
