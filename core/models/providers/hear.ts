import { isJsonObject, type Json, type JsonObject } from '../../json.ts'
import type { ModelAnswer, ModelToolCall } from '../model.ts'
import type { StreamPart } from './languages.ts'
import type { KeptAnswer } from './prompt.ts'

type Part = KeptAnswer['parts'][number]
type Finish = Extract<StreamPart, { type: 'finish' }>

interface Heard {
  text?: string
  unseen?: string
}

/** What came of an answer so far. */
export class Hearing {
  text = ''
  /** Everything that was written, thoughts and calls included: what an estimate is made from. */
  written = ''
  readonly toolCalls: ModelToolCall[] = []
  finish: Finish | undefined
  isMalformed = false
  readonly #parts: Part[] = []
  readonly #open = new Map<string, { type: 'text' | 'reasoning'; text: string; metadata: unknown }>()

  /** Takes the next part; gives what is written in it, for whoever watches or counts. */
  take(part: StreamPart): Heard {
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
        this.#open.set(part.id, {
          type: part.type === 'text-start' ? 'text' : 'reasoning',
          text: '',
          metadata: part.providerMetadata,
        })
        return {}
      case 'text-delta':
      case 'reasoning-delta':
        return this.#write(part)
      case 'text-end':
      case 'reasoning-end':
        this.#close(part)
        return {}
      case 'tool-input-delta':
        this.written += part.delta
        return { unseen: part.delta }
      case 'tool-call':
        this.#call(part)
        return {}
      case 'finish':
        this.finish = part
        return {}
      default:
        return {}
    }
  }

  /** As it is shown to the provider again. Parts that did not end are as long as they got. */
  kept(from: string): Json {
    for (const id of [...this.#open.keys()]) this.#close({ id, providerMetadata: undefined })
    return { from, parts: this.#parts } satisfies KeptAnswer as unknown as Json
  }

  #write(part: Extract<StreamPart, { type: 'text-delta' | 'reasoning-delta' }>): Heard {
    this.written += part.delta
    const open = this.#open.get(part.id)
    if (open) {
      open.text += part.delta
      open.metadata = part.providerMetadata ?? open.metadata
    }
    if (part.type === 'reasoning-delta') return { unseen: part.delta }
    this.text += part.delta
    return { text: part.delta }
  }

  #close({ id, providerMetadata }: { id: string; providerMetadata?: unknown }): void {
    const open = this.#open.get(id)
    if (!open) return
    this.#open.delete(id)
    const metadata = providerMetadata ?? open.metadata
    if (open.type === 'text' && open.text === '') return
    this.#parts.push(withMetadata({ type: open.type, text: open.text }, metadata))
  }

  #call(part: Extract<StreamPart, { type: 'tool-call' }>): void {
    const input = inputOf(part.input)
    if (!input) this.isMalformed = true
    this.toolCalls.push({ id: part.toolCallId, name: part.toolName, input: input ?? {} })
    const call = {
      type: 'tool-call' as const,
      toolCallId: part.toolCallId,
      toolName: part.toolName,
      input: input ?? {},
    }
    this.#parts.push(withMetadata(call, part.providerMetadata))
  }
}

function withMetadata<T extends object>(part: T, metadata: unknown): T {
  return metadata === undefined ? part : { ...part, providerOptions: metadata }
}

function inputOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Undefined where the provider did not say; that nothing was asked or answered is no word of it either. */
export function usageSaid(
  { inputTokens, outputTokens }: Finish['usage'],
  written: string,
): ModelAnswer['usage'] | undefined {
  if (!inputTokens.total || outputTokens.total === undefined) return undefined
  if (outputTokens.total === 0 && written !== '') return undefined
  return {
    inputTokens: inputTokens.total,
    outputTokens: outputTokens.total,
    cachedInputTokens: Math.min(inputTokens.cacheRead ?? 0, inputTokens.total),
    isEstimated: false,
  }
}

const FINISHES: Record<Finish['finishReason']['unified'], ModelAnswer['finish']> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'refused',
  error: 'other',
  interrupted: 'other',
  other: 'other',
}

export const finishOf = ({ finishReason }: Finish): ModelAnswer['finish'] => FINISHES[finishReason.unified]

/** The JSON in a text, within the fence that models like to put around it. */
export function jsonIn(text: string): Json | undefined {
  const [, fenced] = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(text) ?? []
  try {
    return JSON.parse(fenced ?? text) as Json
  } catch {
    return undefined
  }
}
