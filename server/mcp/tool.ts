import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { ApiScope } from '#core/accounts/scopes.ts'
import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import type { Json, JsonObject } from '#core/json.ts'
import { checked } from '../read-body.ts'
import { actorOfCall, type Caller } from './caller.ts'

/** What the protocol lists of a tool. */
export interface ToolListing {
  name: string
  title: string
  description: string
  inputSchema: { type: 'object'; [keyword: string]: unknown }
  outputSchema?: { type: 'object'; [keyword: string]: unknown }
  annotations: ToolAnnotations
}

/** What a call can tell and be told while it is done. */
export interface Call {
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal
  /** Whether what was begun for this call is to be stopped, once its signal is aborted. */
  isCancelled(): boolean
  /** Undefined where nobody wants to be told. */
  progress?: (at: { progress: number; total: number; message: string }) => Promise<void>
}

export interface Tool {
  listing: ToolListing
  scope: ApiScope
  run(core: Core, caller: Caller, args: JsonObject, call: Call): Promise<CallToolResult>
}

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must have 1 to 255 visible ASCII characters')
  .describe('The same key with the same arguments does it once and gives the same answer again.')
const context = z
  .string()
  .max(110)
  .describe('Whose: personal, team/<id> or user/<id>. Left out: the context of the connection, else personal.')

/** What every tool takes beside its own arguments. */
export const READING = { context: context.exactOptional() }
export const WRITING = { ...READING, idempotencyKey: idempotencyKey.exactOptional() }

interface Definition<T extends z.ZodObject> {
  name: string
  title: string
  description: string
  /** With those of READING or WRITING. */
  args: T
  hints: { readOnly: true } | { readOnly: false; destructive: boolean; idempotent: boolean }
  /** Answers as a JSON object. */
  run(core: Core, actor: Actor, args: z.infer<T>, call: Call): Promise<object>
}

/** A tool of the program itself: arguments in, one operation, JSON out. */
export function defineTool<T extends z.ZodObject>({ args: schema, hints, run, ...words }: Definition<T>): Tool {
  return {
    scope: hints.readOnly ? 'read' : 'write',
    listing: {
      ...words,
      inputSchema: inputSchemaOf(schema),
      annotations: {
        readOnlyHint: hints.readOnly,
        destructiveHint: !hints.readOnly && hints.destructive,
        idempotentHint: hints.readOnly || hints.idempotent,
        openWorldHint: false,
      },
    },
    async run(core, caller, args, call) {
      const read = checked(schema, args, 'What the tool was given')
      return answer((await run(core, await actorOfCall(core, caller, read as CommonArgs), read, call)) as JsonObject)
    },
  }
}

interface CommonArgs {
  context?: string
  idempotencyKey?: string
}

/** As a program reads it, and the same as text for those that read nothing else. */
const answer = (value: JsonObject): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(value, null, 2) }],
  structuredContent: value,
})

/** Objects that are checked by a function of ours are just objects to a reader. */
function inputSchemaOf(schema: z.ZodObject): ToolListing['inputSchema'] {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'custom') jsonSchema.type = 'object'
    },
  }) as { $schema?: string; [keyword: string]: Json | undefined }
  return { ...json, type: 'object' }
}
