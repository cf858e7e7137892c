import { isJsonObject, type JsonObject } from '#core/json.ts'
import { renderTemplate } from '../liquid.ts'
import { defineTool } from '../tool.ts'

export const template = defineTool({
  toolId: 'text.template',
  version: '1.0.0',
  displayName: 'Text from a template',
  description: 'Fills a Liquid template with data.',
  category: 'text',
  inputSchema: {
    type: 'object',
    required: ['template'],
    properties: {
      template: {
        type: 'string',
        format: 'textarea',
        title: 'Template',
        description: 'Liquid; {{ name }} and {{ data.name }} both read “name” of the data',
      },
      data: { title: 'Data', description: 'Any JSON', default: {} },
    },
  },
  outputSchema: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
  price: { unit: 'run', rateMicros: 500n, maxMicros: 500n },
  sideEffect: 'none',
  platformHints: { primaryInput: 'template', accepts: ['text/*'] },
  async execute({ template, data = {} }, { nowMs }) {
    const scope: JsonObject = { data, ...(isJsonObject(data) ? data : {}) }
    return { output: { text: renderTemplate(String(template), scope, { nowMs }) } }
  },
})
