import type { ServerResponse } from 'node:http'
import { Args } from '../args.ts'
import type { Call } from '../call.ts'
import { checkAgainstTypes } from '../check.ts'
import { ApiFail } from '../errors.ts'
import { methods } from '../methods/index.ts'
import type { Shape } from '../schema/shape.ts'
import { methodName, types } from '../table.ts'
import type { CallRecord, FaultPlan } from '../types.ts'
import type { World } from '../world/world.ts'
import { answer, answerFail } from './answer.ts'
import type { RequestParts } from './body.ts'
import { faultFail } from './faults.ts'

/** Runs one API call from the parts of its request to its answer, through whatever fault is planned for it. */
export async function runCall(
  world: World,
  path: string,
  parts: RequestParts,
  response?: ServerResponse,
): Promise<void> {
  const gone = new AbortController()
  const method = methodName(path)
  const record = begin(world, method ?? path, parts)
  const call: Call = {
    method: record.method,
    args: new Args(parts.values, parts.given),
    files: parts.files,
    gone: gone.signal,
    violate: (message) => world.violations.push({ callId: record.id, method: record.method, message }),
  }
  response?.on('close', () => {
    if (record.outcome === 'running') finish(world, record, { outcome: 'abandoned' })
    gone.abort()
  })
  for (const oddity of parts.oddities) call.violate(oddity)
  const refused = method ? checkAgainstTypes(call, { passesOver: world.options.passesOver ?? false }) : undefined
  if (!method || !methods[method]) call.violate(method ? 'a real method that is not played here' : 'no such method')
  const fault = world.faults.next(record.method, call.args.text('chat_id'))
  if (fault === 'drop-before') {
    finish(world, record, { outcome: 'dropped-before' })
    return void response?.destroy()
  }
  if (typeof fault === 'object' && 'delayMs' in fault)
    await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
  const result = await perform(world, call, method, fault ?? refused)
  if (record.outcome !== 'running') return
  const error = result instanceof ApiFail ? result : undefined
  const settled = error ? { error: failure(error) } : { result }
  if (fault === 'drop-after') {
    finish(world, record, { ...settled, outcome: 'dropped-after' })
    return void response?.destroy()
  }
  finish(world, record, { ...settled, outcome: 'answered' })
  if (!response) return
  if (error) answerFail(response, error)
  else answer(response, 200, { ok: true, result, ...(call.note === undefined ? {} : { description: call.note }) })
}

async function perform(
  world: World,
  call: Call,
  method: string | undefined,
  fault: FaultPlan['error'] | ApiFail | undefined,
): Promise<unknown> {
  try {
    if (fault instanceof ApiFail) throw fault
    if (typeof fault === 'object' && 'code' in fault) throw faultFail(fault)
    const run = method === undefined ? undefined : methods[method]
    if (!run) throw new ApiFail(404, 'Not Found: method not found')
    return await run(world, call)
  } catch (error) {
    if (error instanceof ApiFail) return error
    throw error
  }
}

const failure = (error: ApiFail): NonNullable<CallRecord['error']> => ({
  code: error.code,
  description: error.description,
  ...(error.parameters ? { parameters: error.parameters } : {}),
})

function begin(world: World, method: string, parts: RequestParts): CallRecord {
  const parameters = types.parametersOf(method) ?? {}
  const values = [...parts.values].map(([name, text]) => [
    name,
    isWords(parameters[name] ?? parameters[`${name}?`]) ? text : decoded(text),
  ])
  const record: CallRecord = {
    id: world.calls.length + 1,
    method,
    params: Object.fromEntries([...values, ...parts.files]) as Record<string, unknown>,
    at: Date.now(),
    finishedAt: undefined,
    outcome: 'running',
    result: undefined,
    error: undefined,
  }
  world.calls.push(record)
  return record
}

/** For reading in tests: numbers, flags and structures as such, whichever way they were sent. */
function decoded(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** What is not to be read as JSON, even if it looks like it. */
const isWords = (shape: Shape | undefined): boolean =>
  shape === undefined || shape === 'string' || (typeof shape === 'object' && 'is' in shape)

function finish(world: World, record: CallRecord, outcome: Partial<CallRecord>): void {
  Object.assign(record, outcome, { finishedAt: Date.now() })
  world.signal.notify()
}
