import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasCurl } from './docs/curl.ts'
import { examplesIn } from './docs/examples.ts'
import { playGuide, type Tried } from './docs/play-guide.ts'
import { type Program, ROOT, startProgram } from './docs/program.ts'
import { typed } from './docs/terminal.ts'

const GUIDE = readFileSync(join(ROOT, 'docs/api.md'), 'utf8')
const EXAMPLES = examplesIn(GUIDE)

// On a build server curl must be there: it is part of what is checked.
describe.skipIf(!hasCurl() && !process.env.CI)('the examples of docs/api.md', () => {
  let program: Program
  let tried: Tried[] = []

  beforeAll(async () => {
    program = await startProgram()
    tried = await playGuide(program, GUIDE)
  }, 120_000)
  afterAll(() => program?.stop())

  it('has one for each curl that it shows', () => {
    expect(EXAMPLES.length).toBe(GUIDE.match(/^(?:.*\| )?curl /gm)?.length)
  })

  it('and the one in README works as it stands', async () => {
    const [, lines = ''] = /```sh\n(KEY=[^`]+)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? []
    const answer = await typed(lines.replace('http://127.0.0.1:3000', program.url), program.environment)
    expect(JSON.parse(answer)).toMatchObject({ jobId: 'release-notes', inputs: { title: 'Friday' } })
  })

  it.each(EXAMPLES.map(({ line, command }, index) => ({ index, line, first: command.split('\n')[0] })))(
    'line $line: $first',
    ({ index }) => {
      expect(tried[index]?.found).toBe(tried[index]?.expected)
    },
  )
})

describe('the table of docs/api.md', () => {
  it('name every error code', () => {
    const source = readFileSync(join(ROOT, 'core/errors.ts'), 'utf8')
    const codes = [...(/ErrorCode =\n([\s\S]*?)\n\n/.exec(source)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
      ([, code]) => code,
    )
    const named = [...GUIDE.matchAll(/^\| \d{3} \| `(\w+)`/gm)].map(([, code]) => code)
    expect(new Set(named)).toEqual(new Set([...codes, 'internal']))
  })
})
