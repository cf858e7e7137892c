import { suggest } from '../suggest.ts'

/** What people ask every day, and the command that answers it. Read from above. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [
    /^(what('s| is) (my|our|the) balance|how much (money )?(do (i|we) have|is left)|(show )?(my |our )?balance)$/,
    '/balance',
  ],
  [/^(what did (i|we) spend|(show )?(my |our |the )?statement)$/, '/statement'],
  [/^((what|which jobs) (can i run|are there)|(show|list) (me )?(the |all )?jobs)$/, '/jobs'],
  [/^(what('s| is) running|(show|list) (me )?(my |our |the )?runs)$/, '/runs'],
  [/^(stop|cancel) (it|that|the run|my run)$/, '/cancelrun'],
  [/^(what waits for me|(show|list) (me )?(my |our |the )?reviews)$/, '/reviews'],
  [/^((show|list) (me )?(my |our |the )?tasks|what are my tasks)$/, '/tasks'],
  [/^((show|list) (me )?(my |our |the )?schedules|what is scheduled)$/, '/schedules'],
  [/^(who is in (the|my|our) team|(show|list) (me )?(the |our )?members)$/, '/members'],
  [/^(who pays|which context (am i in|is this))$/, '/mycontext'],
  [/^(who am i)$/, '/whoami'],
  [/^(what can (you|i) do( here)?|help( me)?)$/, '/help'],
]

const STARTS = /^(?:run|start)\s+(?:the\s+|a\s+|my\s+|our\s+)?(.+?)(?:\s+job)?$/

export interface Known {
  commands: readonly string[]
  jobs: readonly { command: string; jobId: string; displayName: string }[]
}

/** The line that words plainly mean: by a pattern, by the name of a job, or by a slip in a command's name. Pure. */
export function lineFor(words: string, { commands, jobs }: Known): string | undefined {
  const said = fold(words)
  const pattern = PATTERNS.find(([regex]) => regex.test(said))
  if (pattern) return pattern[1]
  const [, name] = STARTS.exec(said) ?? []
  const job =
    name === undefined
      ? undefined
      : jobs.find((one) => [one.displayName, one.jobId, one.command].some((its) => fold(its) === name))
  if (job) return `/${job.command}`
  const names = [...commands, ...jobs.map(({ command }) => command)]
  if (names.includes(said)) return `/${said}`
  // One word alone: in a sentence, even one of “hello there”, a word that is like a command is a word.
  const alone = folded(words)
  if (!/^[a-z][a-z0-9]{2,31}$/.test(alone)) return undefined
  const [near] = suggest(alone, names)
  return near === undefined ? undefined : `/${near}`
}

const POLITE_BEFORE =
  /^(?:(?:please|hey|hi|hello|can you|could you|would you|i want to|i would like to|i'd like to)[ ,]+)+/
const POLITE_AFTER = /(?:[ ,]+(?:please|for me|for us|now|thanks|thank you))+$/

/** Nor does politeness. */
const fold = (words: string): string => folded(words).replace(POLITE_BEFORE, '').replace(POLITE_AFTER, '')

/** Letter case, what ends a sentence, and blanks make no difference. */
const folded = (words: string): string =>
  words
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll(/[_-]+/g, ' ')
    .replace(/[.!?\s]+$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
