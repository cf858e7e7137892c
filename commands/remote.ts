import type { Actor } from '#core/actor.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import { changeRule, createRule, type NewRule } from '#core/rules/save.ts'
import { isByHand, onlyByHand } from './by-hand.ts'
import { parseLine } from './grammar.ts'
import { commandNamed } from './index.ts'
import { jobOfCommand } from './job/target.ts'

/** Makes a rule of a command that can be said by itself; refused where it is none, or only for people. */
export async function makeRule(core: Core, actor: Actor, rule: NewRule): Promise<{ id: string }> {
  await requireSayable(core, actor, rule.command)
  return createRule(core, actor, rule)
}

export async function rewordRule(
  core: Core,
  actor: Actor,
  change: { id: string; terms: NewRule },
): Promise<{ id: string }> {
  await requireSayable(core, actor, change.terms.command)
  return changeRule(core, actor, change)
}

async function requireSayable(core: Core, actor: Actor, text: string): Promise<void> {
  const line = parseLine(text.trim())
  if (line.kind !== 'command') throw wrong('is no command: one begins with /, like /run release-notes')
  const command = commandNamed(line.name)
  if (command && isByHand(command)) throw onlyByHand(command)
  if (command || (await jobOfCommand(core, actor, line.name))) return
  throw wrong(`is no command here: there is no /${line.name}`)
}

const wrong = (message: string): AppError =>
  new AppError('bad_input', `command ${message}.`, { problems: [{ path: 'command', message }] })
