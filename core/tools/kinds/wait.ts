import { defineTool, ToolError } from '../tool.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const WAIT_MS_MAX = 30 * DAY_MS

/** A time without a zone would mean another moment on every machine. */
const HAS_ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/i

export const wait = defineTool({
  toolId: 'wait',
  version: '1.0.0',
  displayName: 'Wait',
  description: 'Waits for a duration or until a time, at most 30 days.',
  category: 'flow',
  inputSchema: {
    type: 'object',
    properties: {
      ms: { type: 'integer', title: 'Milliseconds', minimum: 0, maximum: WAIT_MS_MAX },
      until: {
        type: 'string',
        format: 'date-time',
        title: 'Until',
        description: 'ISO time, like 2027-03-31T09:00:00Z',
      },
    },
  },
  outputSchema: {
    type: 'object',
    required: ['waitedMs', 'until'],
    properties: { waitedMs: { type: 'integer', minimum: 0 }, until: { type: 'string', format: 'date-time' } },
  },
  price: { unit: 'run', rateMicros: 200n, maxMicros: 200n },
  sideEffect: 'none',
  async execute({ ms, until }, { nowMs }) {
    if ((ms === undefined) === (until === undefined)) {
      throw new ToolError('bad_input', 'Give either ms or until: how long to wait, or until when.')
    }
    const untilMs = ms === undefined ? timeOf(String(until)) : nowMs + Number(ms)
    const waitedMs = Math.max(0, untilMs - nowMs)
    if (waitedMs > WAIT_MS_MAX) {
      throw new ToolError('bad_input', `until is ${Math.ceil(waitedMs / DAY_MS)} days away; at most 30 are possible.`)
    }
    const waitUntilMs = nowMs + waitedMs
    return { waitUntilMs, output: { waitedMs, until: new Date(waitUntilMs).toISOString() } }
  },
})

function timeOf(until: string): number {
  if (!HAS_ZONE.test(until)) {
    throw new ToolError('bad_input', `until needs a time zone: ${until}Z for UTC, or an offset like +01:00.`)
  }
  return Date.parse(until)
}
