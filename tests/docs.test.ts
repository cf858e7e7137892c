import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blocksIn, unfenced } from './docs/blocks.ts'
import { normalise } from './docs/normalise.ts'
import { ROOT } from './docs/program.ts'
import { played, TRANSCRIPTS } from './docs/transcripts.ts'

/** The program is started, spoken to and stopped for each of them. */
const TIMEOUT_MS = 90_000

describe('what the documents show is what the program says; else run: node tests/docs/record.ts', () => {
  // On a build server everything that a reader types must be there.
  const playable = TRANSCRIPTS.filter(({ canPlay = () => true }) => canPlay() || process.env.CI)
  it.each(playable)('$name in $file', { timeout: TIMEOUT_MS }, async (transcript) => {
    const document = readFileSync(join(ROOT, transcript.file), 'utf8')
    const block = blocksIn(document, 'transcript').find(({ name }) => name === transcript.name)
    expect(normalise(block ? unfenced(block) : '')).toBe(normalise(await played(transcript)))
  })

  it('no document has a transcript that nobody plays', () => {
    const files = ['README.md', ...['agents', 'chat', 'email', 'mcp', 'triggers'].map((name) => `docs/${name}.md`)]
    for (const file of files) {
      const shown = blocksIn(readFileSync(join(ROOT, file), 'utf8'), 'transcript').map(({ name }) => name)
      expect(shown).toEqual(TRANSCRIPTS.filter((one) => one.file === file).map(({ name }) => name))
    }
  })
})
