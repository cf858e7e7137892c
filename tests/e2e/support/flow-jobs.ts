const definition = (
  jobId: string,
  displayName: string,
  toolId: string,
  inputs: object,
  outputs: object,
  more = {},
) => ({
  jobId,
  displayName,
  description: 'For the flows.',
  inputSchema: { type: 'object', properties: {} },
  steps: [{ stepId: 'do', toolId, inputMappings: inputs }],
  outputs,
  ...more,
})
const TEXT = { text: { step: 'do', output: 'text' } }
const template = (words: object) => ({ template: words, data: { value: {} } })

/** What the everyday flows run: a word, something to review, a shop that may be closed, and something long. */
export const jobsWith = (shopUrl: string) => [
  definition('greet', 'Greeting', 'text.template', template({ value: 'Good morning' }), TEXT),
  definition(
    'draft',
    'Draft',
    'text.template',
    template({ template: 'About {{ input.topic }}{{ review.comment }}' }),
    TEXT,
    {
      inputSchema: { type: 'object', required: ['topic'], properties: { topic: { type: 'string' } } },
      review: { kind: 'decide', prompt: 'May this go out?' },
    },
  ),
  definition(
    'stock',
    'Stock',
    'http.request',
    { method: { value: 'GET' }, url: { value: shopUrl } },
    {
      status: { step: 'do', output: 'status' },
    },
  ),
  definition('nap', 'Nap', 'wait', { ms: { value: 3_600_000 } }, {}),
]
