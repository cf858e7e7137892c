import type { ModelMessage, ModelRequest } from '../model.ts'
import type { CallOptions } from './languages.ts'

type Prompt = CallOptions['prompt']
type Message = Prompt[number]
type ToolContent = Extract<Message, { role: 'tool' }>['content']

type AssistantContent = Extract<Message, { role: 'assistant' }>['content']

/** What providers want to see again of an answer, as it is kept: from whom, and its parts as they came. */
export interface KeptAnswer {
  from: string
  parts: AssistantContent
}

/** A conversation as providers are given it. What another one said is told without its marks: they mean nothing here. */
export function promptOf({ system, messages, schema, choice }: ModelRequest, knowsSchemas: boolean): Prompt {
  const told =
    schema && !knowsSchemas
      ? `${system}\n\nAnswer with JSON that fits this JSON Schema, and with nothing else:\n${JSON.stringify(schema)}`
      : system
  const prompt: Prompt = told === '' ? [] : [{ role: 'system', content: told }]
  for (const message of messages) {
    const next = messageOf(message, `${choice.provider}/${choice.model}`)
    const last = prompt.at(-1)
    // Answers to calls that were made together stand in one message.
    if (next.role === 'tool' && last?.role === 'tool') last.content.push(...next.content)
    else prompt.push(next)
  }
  return prompt
}

function messageOf(message: ModelMessage, from: string): Message {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: [{ type: 'text', text: message.text }] }
    case 'assistant':
      return { role: 'assistant', content: contentOf(message, from) }
    case 'tool': {
      const { callId: toolCallId, name: toolName, output, isError } = message
      const part: ToolContent[number] = {
        type: 'tool-result',
        toolCallId,
        toolName,
        output: { type: isError ? 'error-json' : 'json', value: output },
      }
      return { role: 'tool', content: [part] }
    }
  }
}

function contentOf(message: Extract<ModelMessage, { role: 'assistant' }>, from: string): AssistantContent {
  const kept = message.providerState as unknown as KeptAnswer | undefined
  if (kept?.from === from) return kept.parts
  return [
    ...(message.text === '' ? [] : [{ type: 'text' as const, text: message.text }]),
    ...message.toolCalls.map(({ id, name, input }) => ({
      type: 'tool-call' as const,
      toolCallId: id,
      toolName: name,
      input,
    })),
  ]
}
