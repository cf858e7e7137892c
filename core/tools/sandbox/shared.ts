import type { JsonObject } from '#core/json.ts'
import type { Task } from './protocol.ts'
import { createSandbox, type Sandbox } from './sandbox.ts'

let shared: Sandbox | undefined

/** Runs a task in the sandbox all tools of this process share. It starts with the first task. */
export function runInSandbox(task: Task, signal: AbortSignal): Promise<JsonObject> {
  shared ??= createSandbox()
  return shared.run(task, signal)
}

/** Ends the shared sandbox, if there is one; the next task starts a new one. Not needed for the process to end. */
export function closeSandbox(): void {
  shared?.close()
  shared = undefined
}
