import { ok } from 'node:assert'
import type { Account } from '#core/accounts/account.ts'
import type { Actor } from '#core/actor.ts'
import type { Incoming, IncomingFile, Reply } from '#core/chat/message.ts'
import type { Resolved } from '#core/contexts/resolve.ts'
import type { Core } from '#core/core.ts'
import type { JsonObject } from '#core/json.ts'
import { type CommandLine, commandName } from './grammar/line.ts'
import {
  type ArgumentValues,
  type FlagSpec,
  type FlagValues,
  isLiteral,
  isWideKind,
  type Scalar,
  type Slot,
} from './grammar/spec.ts'
import type { AsContext } from './grammar/values.ts'
import type { Usage } from './usage.ts'

/** The heading a command stands under in help, in this order. */
export const GROUPS = ['start', 'context', 'teams', 'money', 'jobs', 'reviews', 'schedules', 'agents', 'admin'] as const
export type Group = (typeof GROUPS)[number]

/** `private`: only where nobody else reads along. `team`: only when a team's context applies. */
export type Scope = 'any' | 'private' | 'team'

/** Who may: anyone who writes, people with an account, platform admins. Rights in a team are the operation's business. */
export type Access = 'stranger' | 'user' | 'admin'

/** What of the message a command may need besides its words. Nothing in it is of one platform alone. */
export type Delivery = Pick<
  Incoming,
  'channel' | 'deliveryId' | 'conversation' | 'isPrivate' | 'sender' | 'files' | 'replyTo' | 'button' | 'hints' | 'atMs'
>

/** Who sent a message: the account as it is now, what it may act as, and how its context was found. */
export interface Sender {
  account: Account
  actor: Actor
  resolved: Resolved
}

interface CallFacts {
  core: Core
  incoming: Delivery
  /** The same each time this delivery is handled; the actor carries it too. */
  requestKey: string
  /** The bytes of a file that came with the message, or with the one it answers. */
  download(file: IncomingFile): Promise<Uint8Array>
  /** Links that open the bot with a code, on every channel that has such links. */
  startLinks(code: string): string[]
  /** The line itself, for `restAfter` and the like. */
  line: CommandLine
  /** Given with `--as`. The actor's context already follows it; this says that it was said. */
  as?: AsContext
  /** With `takesInputs`: the line behind the arguments, for `bindInputs`. */
  inputs?: CommandLine
  /** What a form has filled in of the command that opened it. */
  filled?: JsonObject
  /** Carries out another line for its sender, with what a form has filled in. Refusals are thrown. */
  obey(line: string, filled: JsonObject | undefined, sender: Sender): Promise<Reply>
}

/** One command on its way to one operation: its arguments are bound, its actor is known and may. */
export interface Call<Args extends readonly Slot[], Flags extends readonly FlagSpec[], Who extends Access>
  extends CallFacts {
  /** These three are undefined only for strangers, in commands that admit them. */
  actor: Who extends 'stranger' ? Actor | undefined : Actor
  account: Who extends 'stranger' ? Account | undefined : Account
  resolved: Who extends 'stranger' ? Resolved | undefined : Resolved
  args: ArgumentValues<Args>
  flags: FlagValues<Flags>
}

/** A call whose command is one of many: what dispatch makes. */
export interface AnyCall extends CallFacts {
  actor: Actor | undefined
  account: Account | undefined
  resolved: Resolved | undefined
  args: Record<string, Scalar | undefined>
  flags: Record<string, Scalar | undefined>
}

/** A call by somebody with an account: what helpers of commands take. */
export type UserCall = CallFacts & Sender

/** A command as data: dispatch, help, menus, manifests and docs are made from it. */
export interface Command extends Usage {
  readonly aliases: readonly string[]
  readonly examples: readonly string[]
  readonly group: Group
  readonly scope: Scope
  readonly access: Access
  /** Said by buttons alone: neither help nor menus have it. */
  readonly isHidden: boolean
  run(call: AnyCall): Promise<Reply>
}

interface Definition<Args extends readonly Slot[], Flags extends readonly FlagSpec[], Who extends Access> {
  /** Lower case, `_` between words: what Telegram takes, and what people type with `-` as well. */
  name: string
  aliases?: readonly string[]
  /** One line, for menus and help. */
  summary: string
  examples?: readonly string[]
  group: Group
  args?: Args
  flags?: Flags
  takesInputs?: boolean
  scope?: Scope
  access?: Who
  isHidden?: boolean
  /** May throw AppError; its message is shown. */
  run(call: Call<Args, Flags, Who>): Promise<Reply>
}

/** A command for people with an account, in any conversation, unless it says otherwise. Types of `args` and `flags` follow. */
export function defineCommand<
  const Args extends readonly Slot[] = readonly [],
  const Flags extends readonly FlagSpec[] = readonly [],
  const Who extends Access = 'user',
>(definition: Definition<Args, Flags, Who>): Command {
  const {
    args = [],
    flags = [],
    aliases = [],
    examples = [],
    scope = 'any',
    access = 'user',
    isHidden = false,
  } = definition
  checkNames([definition.name, ...aliases])
  checkArgs(definition.name, args, definition.takesInputs ?? false)
  return {
    ...definition,
    args,
    flags,
    aliases,
    examples,
    scope,
    access,
    isHidden,
    // Dispatch binds by the same args and flags and admits by the same access, so the call is what run expects.
    run: (call) => definition.run(call as unknown as Call<Args, Flags, Who>),
  }
}

function checkNames(names: readonly string[]): void {
  for (const name of names)
    ok(/^[a-z][a-z0-9_]{0,31}$/.test(name) && name === commandName(name), `Not a command name: ${name}`)
}

/** What the grammar could not bind in one way is a mistake in the command. */
function checkArgs(name: string, slots: readonly Slot[], takesInputs: boolean): void {
  const wide = slots.flatMap((slot, index) => (!isLiteral(slot) && isWideKind(slot.kind) ? [index] : []))
  const text = slots.findIndex((slot) => !isLiteral(slot) && slot.kind === 'text')
  const [first = 0, second] = wide
  const isParted = second === undefined || slots.slice(first, second).some((slot) => isLiteral(slot) && !slot.optional)
  ok(wide.length <= 2 && isParted, `/${name}: two open-ended arguments at most, with a literal between them`)
  ok(text === -1 || text === slots.length - 1, `/${name}: free text comes last`)
  ok(
    !takesInputs || (wide.length === 0 && slots.slice(0, -1).every((slot) => !slot.optional)),
    `/${name}: inputs follow single words, of which the last may be left out`,
  )
}
