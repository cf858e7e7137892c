/** Jobs whose runs stay where a page is to show them: one that can fail and be mended, one that waits. */
export const LOOK_UP = {
  jobId: 'look-up',
  displayName: 'Look up',
  description: 'Asks a service elsewhere',
  inputSchema: { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] },
  steps: [
    {
      stepId: 'ask',
      displayName: 'Ask the service',
      toolId: 'http.request',
      inputMappings: { method: { value: 'GET' }, url: { input: 'url' } },
    },
  ],
  outputs: { body: { step: 'ask', output: 'body' } },
}

export const LONG_WAIT = {
  jobId: 'long-wait',
  displayName: 'Long wait',
  description: 'Takes an hour',
  inputSchema: { type: 'object', properties: {} },
  steps: [{ stepId: 'rest', displayName: 'Rest', wait: { ms: 3_600_000 } }],
  outputs: {},
}
