/** `node tests/docs/record.ts`: writes anew what programs write in the documents, where it is not current. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { blocksIn, fenced, unfenced, withBlock } from './blocks.ts'
import { withAnswers } from './examples.ts'
import { GENERATED, generatedFiles } from './generated.ts'
import { normalise } from './normalise.ts'
import { playGuide } from './play-guide.ts'
import { ROOT, startProgram } from './program.ts'
import { played, TRANSCRIPTS } from './transcripts.ts'

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

function write(file: string, text: string): void {
  if (text === readOrNothing(file)) return
  writeFileSync(join(ROOT, file), text)
  console.log(`${file} is written`)
}

function readOrNothing(file: string): string | undefined {
  try {
    return read(file)
  } catch {
    return undefined
  }
}

for (const { file, name, make } of GENERATED) {
  write(file, withBlock(read(file), { kind: 'generated', name, content: `\n${make()}\n\n` }))
}
for (const { file, make } of generatedFiles) write(file, make())

for (const transcript of TRANSCRIPTS) {
  const { file, name } = transcript
  const block = blocksIn(read(file), 'transcript').find((one) => one.name === name)
  if (!block) throw new Error(`${file} has no block transcript:${name}`)
  const text = await played(transcript)
  // Only what reads differently: times and ids alone are no reason to write.
  const isCurrent = block.content.trim() !== '' && normalise(unfenced(block)) === normalise(text)
  if (!isCurrent) write(file, withBlock(read(file), { kind: 'transcript', name, content: fenced(text) }))
}

const guide = read('docs/api.md')
const program = await startProgram()
const tried = await playGuide(program, guide).finally(() => program.stop())
const answers = tried.map(({ example, expected, found, answer }) => (expected === found ? example.shown : answer))
write('docs/api.md', withAnswers(guide, answers))
