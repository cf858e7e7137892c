import type { CommandInfo } from '../api/types.ts'

const SHOWN_MAX = 8

/** Commands that fit what is typed, best first: those that begin with it, then those that contain it. */
export function matchCommands(commands: CommandInfo[], text: string): CommandInfo[] {
  const typed = commandBeingTyped(text)
  if (typed === undefined) return []
  const begins = commands.filter((one) => nameOf(one).startsWith(typed))
  const contains = typed ? commands.filter((one) => nameOf(one).includes(typed) && !begins.includes(one)) : []
  return [...begins, ...contains].slice(0, SHOWN_MAX)
}

/** The command whose arguments are being written, for its usage line. */
export function commandInUse(commands: CommandInfo[], text: string): CommandInfo | undefined {
  const name = /^\/([^\s/]+)\s/.exec(text)?.[1]?.toLowerCase()
  return name ? commands.find((one) => nameOf(one) === name) : undefined
}

/** What stands after the slash, or undefined when no command name is being typed. */
function commandBeingTyped(text: string): string | undefined {
  return /^\/([^\s/]*)$/.exec(text)?.[1]?.toLowerCase()
}

/** `/run` and `run` are the same command to us. */
export const nameOf = (info: CommandInfo): string => info.command.replace(/^\//, '').toLowerCase()
