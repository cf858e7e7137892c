import type { Core } from '#core/core.ts'
import type { Meant } from '#core/words/proposal.ts'
import { isByHand } from '../by-hand.ts'
import type { Sender } from '../command.ts'
import { bindArguments } from '../grammar/arguments.ts'
import { findAs } from '../grammar/named.ts'
import { parseLine } from '../grammar.ts'
import { isOffered } from '../help.ts'
import { commandNamed } from '../index.ts'
import { jobOfCommand } from '../job/target.ts'

/** A longer one is not read before it is pressed. */
const LINE_CHARACTERS_MAX = 1_500
/** What is not seen could make the line that is shown another than the one that is done. */
const UNSEEN = /[^\P{C}\n\t]|[\u2028\u2029\u115f\u1160\u3164\uffa0\u2800]|\u034f|[\ufe00-\ufe0f]/gu

/**
 * A line as somebody could say it here, by the one grammar: a command they are offered, with arguments that it takes, or a
 * published job. Undefined for everything else. Who pays is not for the line to say.
 */
export async function readLine(
  core: Core,
  { actor, account, resolved }: Sender,
  said: string,
  isPrivate: boolean,
): Promise<Meant | undefined> {
  const text = said.toWellFormed().replace(UNSEEN, '').trim()
  if (text === '' || text.length > LINE_CHARACTERS_MAX) return undefined
  const line = parseLine(text)
  if (line.kind !== 'command' || line.botName !== undefined || findAs(line)) return undefined
  const command = commandNamed(line.name)
  if (!command) {
    const job = await jobOfCommand(core, actor, line.name)
    return job && { line: line.text, target: 'job', needsSure: false }
  }
  const isAdmin = account.platformRole === 'admin'
  if (!isOffered(command, { isAdmin, isPrivate, isTeam: resolved.context.type === 'team' })) return undefined
  // Its name alone asks for what is missing, by its own form.
  const isBare = line.tokens.length === 0 && line.text.slice(line.end).trim() === ''
  if (!isBare && !bindArguments(line, command).ok) return undefined
  return { line: line.text, target: 'command', needsSure: isByHand(command) }
}
