import { Shell } from './curl.ts'
import { type Answer, type Example, examplesIn, projectAnswer, shortened, written } from './examples.ts'
import { normalise } from './normalise.ts'
import { Person } from './person.ts'
import type { Program } from './program.ts'
import { typed } from './terminal.ts'

const PATIENCE_MS = 30_000

export interface Tried {
  example: Example
  /** What the example shows, and what stands at the same places of the real answer; both without what changes. */
  expected: string
  found: string
  /** The real answer as far as the guide shows it, ready to be written there. */
  answer: Answer
}

/** Types every example of the guide, in its order, on an empty database with an admin and a second person. */
export async function playGuide(program: Program, document: string): Promise<Tried[]> {
  await Person.claim(program, 'ana')
  const ben = JSON.parse(await typed('npm run -s muster -- account create ben --json', program.environment))
  const key = await typed('npm run -s muster -- key create --account ana', program.environment)
  const home = { ...program, environment: { ...program.environment, BEN: ben.accountId } }
  const shell = new Shell(home, key)
  const tried: Tried[] = []
  for (const example of examplesIn(document)) tried.push(await tryOut(shell, example, program))
  return tried
}

/** A run that was started a moment ago has to end first: what reads it is asked again as long as it goes on. */
async function tryOut(shell: Shell, example: Example, { url }: Program): Promise<Tried> {
  const expected = comparable(example.shown)
  for (const untilMs = performance.now() + PATIENCE_MS; ; ) {
    const actual = shell.type(example)
    if (!isUnderWay(example.shown, actual) || performance.now() > untilMs) {
      const answer = tidy(projectAnswer(example.shown, actual), url)
      return { example, expected, found: comparable(answer), answer }
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const UNDER_WAY = ['queued', 'running', 'waiting', 'accepted']
const runStatus = ({ body }: Answer): string => String((body as { status?: unknown } | undefined)?.status)
const isUnderWay = (shown: Answer, actual: Answer): boolean =>
  UNDER_WAY.includes(runStatus(actual)) && !UNDER_WAY.includes(runStatus(shown))

const comparable = ({ status, headers, body }: Answer): string =>
  normalise([status, JSON.stringify(headers), body === undefined ? '' : written(body)].join('\n'))

const tidy = (answer: Answer, url: string): Answer =>
  JSON.parse(shortened(JSON.stringify(answer)).replaceAll(url, 'http://127.0.0.1:3000'))
