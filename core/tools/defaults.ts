import type { Reader, Tx } from '#db/db.ts'
import { listToolDefaults } from '#db/jobs.ts'
import { deleteToolDefault, putToolDefault } from '#db/teams.ts'
import { AppError, type Problem } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { checkInputs } from '../schema-check.ts'
import type { ToolRegistry } from './registry.ts'

/** Inputs that are filled in for a tool; null forgets them. */
export type ToolDefaults = Record<string, JsonObject | null>

/** Where a person's own ones stand: in each context there are others. */
export const ownDefaultsIn = (contextKey: string, accountId: string): string => `${contextKey}/${accountId}`

/** Saved inputs must be the tool's and of its types; they need not be complete. */
export function checkToolDefaults(tools: ToolRegistry, defaults: ToolDefaults): void {
  const problems: Problem[] = Object.entries(defaults).flatMap(([toolId, inputs]) => {
    if (inputs === null) return []
    const tool = tools.find(toolId)
    if (!tool) return [{ path: `toolDefaults.${toolId}`, message: 'is not a tool of this instance' }]
    const { required: _, ...schema } = tool.inputSchema
    return checkInputs(schema, inputs, `toolDefaults.${toolId}`)
  })
  if (problems.length === 0) return
  const list = problems.map(({ path, message }) => `${path} ${message}`).join('; ')
  throw new AppError('bad_input', `These defaults cannot be: ${list}.`, { problems })
}

export async function saveToolDefaults(tx: Tx, context: string, defaults: ToolDefaults): Promise<void> {
  for (const [toolId, inputs] of Object.entries(defaults)) {
    if (inputs === null) await deleteToolDefault.run(tx, { context, toolId })
    else await putToolDefault.run(tx, { context, toolId, inputsJson: JSON.stringify(inputs) })
  }
}

/** Inputs saved for each tool: the person's own in this context over the team's. */
export async function savedDefaults(
  on: Reader,
  context: string,
  accountId: string,
): Promise<Record<string, JsonObject>> {
  const personal = ownDefaultsIn(context, accountId)
  const saved: Record<string, JsonObject> = {}
  const rows = await listToolDefaults.all(on, { context, personal })
  for (const { tool_id, inputs_json } of rows.sort((a) => (a.context === personal ? 1 : -1))) {
    saved[tool_id] = { ...saved[tool_id], ...(JSON.parse(inputs_json) as JsonObject) }
  }
  return saved
}
