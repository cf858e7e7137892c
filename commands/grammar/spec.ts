/** What a built-in command takes, as data: the grammar binds by it, help and menus are written from it. */

/** A filler that makes a line read like a sentence: the `to` of `/invitemember bob to Acme`. */
export interface Literal {
  literal: string
  optional?: true
}

/**
 * - `word`: one word, or quoted text.
 * - `integer`, `amount` (dollars): one word.
 * - `rest`: one or more words of the first line, such as a team's name.
 * - `text`: free text to the end of the message, following lines included, unchanged. Comes last.
 */
export type ArgumentKind = 'word' | 'integer' | 'amount' | 'rest' | 'text'

export interface Argument {
  /** The key of its value. */
  name: string
  kind: ArgumentKind
  /** What usage shows in place of the name: `user or e-mail`. */
  label?: string
  summary?: string
  optional?: true
  /** Nothing else fits; upper and lower case are equal. */
  choices?: readonly string[]
  /** What the word must look like (`/^run_/`). Also tells whether an optional argument was given or left out. */
  pattern?: RegExp
}

export type Slot = Argument | Literal

export interface FlagSpec {
  /** Lower case, words joined by `-`: `--dry-run`. */
  name: string
  /** `boolean` stands alone (or `--name=no`); the others take a value. */
  kind: 'word' | 'integer' | 'amount' | 'boolean'
  summary: string
  choices?: readonly string[]
}

export interface ArgumentSpec<
  Args extends readonly Slot[] = readonly Slot[],
  Flags extends readonly FlagSpec[] = readonly FlagSpec[],
> {
  args: Args
  flags: Flags
  /** After the arguments come the inputs of a job, bound by its own fields: they are handed on unjudged. */
  takesInputs?: boolean
}

type ValueOf<A> = A extends { kind: 'amount' }
  ? bigint
  : A extends { kind: 'integer' }
    ? number
    : A extends { kind: 'boolean' }
      ? boolean
      : A extends { choices: readonly (infer Choice extends string)[] }
        ? Choice
        : string

/** `{ user: string, amount: bigint, comment?: string }`, read off the arguments. */
export type ArgumentValues<Args extends readonly Slot[]> = {
  [A in Args[number] as A extends { name: infer N extends string; optional?: never } ? N : never]: ValueOf<A>
} & {
  [A in Args[number] as A extends { name: infer N extends string; optional: true } ? N : never]?: ValueOf<A>
}

/** Flags are never required: what is required is an argument. */
export type FlagValues<Flags extends readonly FlagSpec[]> = {
  [F in Flags[number] as F['name']]?: ValueOf<F>
}

export type Scalar = string | number | bigint | boolean

export const isLiteral = (slot: Slot): slot is Literal => 'literal' in slot

/** Takes any number of words. A command has two at most, parted by a literal. */
export const isWideKind = (kind: ArgumentKind): boolean => kind === 'rest' || kind === 'text'

/** How an argument is called in usage and in errors. */
export const labelOf = (slot: Slot): string => (isLiteral(slot) ? slot.literal : (slot.label ?? slot.name))
