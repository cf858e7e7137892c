/** A command that the story sends again and again, and what must come of it. */
export interface CrashJob {
  command: string
  /** What its card begins with. */
  title: string
  /** The job as it is published for everybody; those that ship have none. */
  source?: string
  /** Everything after the command; the word is in the result and in no other. */
  input(word: string): string
  /** What the run costs: the shipped prices, added up by hand. */
  costMicros: bigint
  /** What is held for it. */
  maxMicros: bigint
  steps: number
  /** Those of them whose condition is never met: held for, and given back. */
  skipped?: readonly string[]
  /** Whether a message of the bot is the result of this word. */
  isResult(text: string, word: string): boolean
  /** The result brings a file that has the word in it. */
  file?: string
  /** The step whose work a provider does. Only the team has that provider. */
  atProvider?: string
}

const TEMPLATE_MICROS = 500n
const WAIT_MICROS = 200n
const DOCS_MICROS = 1_000n
const PROVIDER_MICROS = 1_000n
/** The same in dollars, and the name, as they are stored. */
export const PROVIDER = { name: 'workshop', rateUsd: '0.001' }

const template = (stepId: string, text: string, after = ''): string => `
  - stepId: ${stepId}
    toolId: text.template
${after}    inputMappings:
      template: { template: "${text}" }`

const job = (
  jobId: string,
  displayName: string,
  steps: string,
  last: string,
  moreInputs = '',
): string => `jobId: ${jobId}
displayName: ${displayName}
description: For the crash proof.
inputSchema:
  type: object
  required: [word]
  properties:
    word: { type: string }${moreInputs}
steps:${steps}
outputs:
  text: { step: ${last}, output: text }
`

const threeLines = [
  template('one', '{{ input.word }} one'),
  template('two', '{{ steps.one.text }} two'),
  template('three', '{{ steps.two.text }} three'),
].join('')
const slowLines = `${template('one', '{{ input.word }} one')}
  - stepId: pause
    toolId: wait
    inputMappings: { ms: { value: 400 } }${template('three', '{{ steps.one.text }} later')}`
const bothSides = [
  template('left', '{{ input.word }} left'),
  template('right', '{{ input.word }} right', '    dependencies: []\n'),
  template('both', '{{ steps.left.text }} {{ steps.right.text }} both', '    dependencies: [left, right]\n'),
].join('')
const maybeMore = [
  template('one', '{{ input.word }} one'),
  template('two', '{{ steps.one.text }} two'),
  template('three', 'never', "    condition: input.word == 'never'\n"),
].join('')

const handedOver = `${template('one', '{{ input.word }} one')}
  - stepId: make
    toolId: http.job
    inputMappings: { provider: { input: provider } }${template('three', '{{ steps.one.text }}, then {{ steps.make.result }}')}`
/** Told by the input, because the job is published where nobody has the provider. */
const providerInput = `
    provider: { type: string, default: ${PROVIDER.name} }`

const is = (words: string) => (text: string, word: string) => text === words.replaceAll('$', word)

const THREE: CrashJob = {
  command: 'three_lines',
  title: 'Three lines',
  source: job('three-lines', 'Three lines', threeLines, 'three'),
  input: (word) => word,
  costMicros: 3n * TEMPLATE_MICROS,
  maxMicros: 3n * TEMPLATE_MICROS,
  steps: 3,
  isResult: is('$ one two three'),
}

const SLOW: CrashJob = {
  command: 'slow_lines',
  title: 'Slow lines',
  source: job('slow-lines', 'Slow lines', slowLines, 'three'),
  input: (word) => word,
  costMicros: 2n * TEMPLATE_MICROS + WAIT_MICROS,
  maxMicros: 2n * TEMPLATE_MICROS + WAIT_MICROS,
  steps: 3,
  isResult: is('$ one later'),
}

const BOTH: CrashJob = {
  command: 'both_sides',
  title: 'Both sides',
  source: job('both-sides', 'Both sides', bothSides, 'both'),
  input: (word) => word,
  costMicros: 3n * TEMPLATE_MICROS,
  maxMicros: 3n * TEMPLATE_MICROS,
  steps: 3,
  isResult: is('$ left $ right both'),
}

const MAYBE: CrashJob = {
  command: 'maybe_more',
  title: 'Maybe more',
  source: job('maybe-more', 'Maybe more', maybeMore, 'two'),
  input: (word) => word,
  costMicros: 2n * TEMPLATE_MICROS,
  maxMicros: 3n * TEMPLATE_MICROS,
  steps: 3,
  skipped: ['three'],
  isResult: is('$ one two'),
}

const NOTES: CrashJob = {
  command: 'release_notes',
  title: 'Release notes',
  input: (word) => `a1b2c3d feat: begin ${word}\nb2c3d4e fix: mend ${word}\nc3d4e5f docs: tell of ${word}`,
  costMicros: 2n * DOCS_MICROS,
  maxMicros: 2n * DOCS_MICROS,
  steps: 2,
  isResult: (text, word) => text.startsWith('Release notes') && text.includes(`begin ${word}`),
  file: 'release-notes.md',
}

const HANDED: CrashJob = {
  command: 'handed_over',
  title: 'Handed over',
  source: job('handed-over', 'Handed over', handedOver, 'three', providerInput),
  input: (word) => word,
  costMicros: 2n * TEMPLATE_MICROS + PROVIDER_MICROS,
  maxMicros: 2n * TEMPLATE_MICROS + PROVIDER_MICROS,
  steps: 3,
  isResult: (text, word) => text.startsWith(`${word} one, then made as job-`),
  atProvider: 'make',
}

export const CRASH_JOBS: readonly CrashJob[] = [THREE, SLOW, BOTH, MAYBE, NOTES, HANDED]
