import type { Command } from 'commander'
import { createOutput, type Output } from './output.ts'

/** Where a command leaves its exit code, when it is not 0. */
export interface Outcome {
  exitCode: number
}

/**
 * A command's action as commander calls it: `act` gets the output that `--json` asks for, then its arguments and options.
 * A number that it returns is the exit code.
 */
export function action<Args extends unknown[]>(
  outcome: Outcome,
  act: (output: Output, ...args: Args) => Promise<number | undefined>,
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    // Commander adds the command itself behind arguments and options.
    const command = args.at(-1) as Command
    const output = createOutput(command.optsWithGlobals<{ json?: boolean }>().json === true)
    outcome.exitCode = (await act(output, ...(args.slice(0, -1) as Args))) ?? 0
  }
}

/** For options that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]
