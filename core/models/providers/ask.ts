import { scrubberFor } from '../../connections/scrub.ts'
import type { JsonObject } from '../../json.ts'
import type { Outbound } from '../../outbound/outbound.ts'
import { type ModelAnswer, type ModelCredential, ModelError, type ModelRequest, type ModelUsage } from '../model.ts'
import { estimateTokens } from '../tokens.ts'
import { modelErrorOf } from './errors.ts'
import { fetchThrough } from './fetch.ts'
import { finishOf, Hearing, jsonIn, usageSaid } from './hear.ts'
import { type CallOptions, languageOf, type StreamPart } from './languages.ts'
import { promptOf } from './prompt.ts'

/** Asks a provider once. Rejects with a ModelError; what comes back has lost the key before anybody looks at it. */
export async function askProvider(
  outbound: Pick<Outbound, 'open'>,
  request: ModelRequest,
  credential: ModelCredential,
): Promise<ModelAnswer> {
  const { choice, signal } = request
  if (choice.provider === 'mock') throw new ModelError('model_not_found', 'The mock is no provider.')
  const scrub = scrubberFor([credential.secret])
  const hearing = new Hearing()
  let hasBegun = false
  try {
    const fetch = fetchThrough(outbound, credential, signal, () => {
      hasBegun = true
    })
    const language = await languageOf(choice.provider, choice, credential, fetch)
    const { stream } = await language.model.doStream({
      ...callOptions(request, language.knowsSchemas),
      ...language.limits,
      providerOptions: language.options,
    })
    for await (const part of partsOf(stream)) {
      if (part.type === 'error') throw part.error
      const { text = '', unseen = '' } = hearing.take(part)
      if (text !== '') request.onText?.(scrub.text(text))
      if (unseen !== '') request.onUnseen?.(scrub.text(unseen))
    }
    return answerOf(request, hearing, scrub.text, scrub.json)
  } catch (error) {
    const usage = hasBegun ? estimated(request, hearing) : undefined
    throw modelErrorOf(signal.aborted ? aborted() : error, { scrub, usage, nowMs: 0 })
  }
}

const aborted = (): DOMException => new DOMException('It was stopped.', 'AbortError')

function callOptions(request: ModelRequest, knowsSchemas: boolean): CallOptions {
  const { schema, tools = [], signal, idempotencyKey } = request
  return {
    prompt: promptOf(request, knowsSchemas),
    ...(schema ? { responseFormat: { type: 'json', name: 'answer', schema: schema as object } } : {}),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, inputSchema }) => ({
            type: 'function' as const,
            name,
            description,
            inputSchema: inputSchema as object,
          })),
        }),
    abortSignal: signal,
    headers: { 'Idempotency-Key': idempotencyKey },
  }
}

async function* partsOf(stream: ReadableStream<StreamPart>): AsyncGenerator<StreamPart> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function answerOf(
  request: ModelRequest,
  hearing: Hearing,
  clean: (text: string) => string,
  cleanJson: <T extends JsonObject>(value: T) => T,
): ModelAnswer {
  const { finish } = hearing
  // The libraries end an answer that broke off like one that ended; only a provider gives a reason for it.
  if (!finish || finish.finishReason.raw === undefined) {
    throw new ModelError('network', 'The answer broke off before its end.', {
      usage: estimated(request, hearing),
      retryable: true,
    })
  }
  const usage = usageSaid(finish.usage, hearing.written) ?? estimated(request, hearing)
  if (hearing.isMalformed) {
    throw new ModelError('bad_response', 'The model called a tool with what is no JSON object.', {
      usage,
      retryable: true,
    })
  }
  const text = clean(hearing.text)
  const value = request.schema ? jsonIn(text) : undefined
  return {
    text,
    ...(value === undefined ? {} : { value }),
    toolCalls: hearing.toolCalls.map((call) => ({ ...call, input: cleanJson(call.input) })),
    usage,
    finish: hearing.toolCalls.length > 0 ? 'tool_calls' : finishOf(finish),
    isMock: false,
    providerState: hearing.kept(`${request.choice.provider}/${request.choice.model}`),
  }
}

/** What was sent and what came back, counted by us. */
function estimated({ system, messages, tools = [], schema }: ModelRequest, { written }: Hearing): ModelUsage {
  const sent = JSON.stringify([system, messages, tools, schema ?? null])
  return {
    inputTokens: estimateTokens(sent),
    outputTokens: estimateTokens(written),
    cachedInputTokens: 0,
    isEstimated: true,
  }
}
