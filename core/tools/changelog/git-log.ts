import type { LoggedCommit } from './commit.ts'

/** `commit <hash>`, with parents and decorations, behind the branches of `--graph`. A body is indented, so it never fits. */
const HEADER = /^((?:\| )*\*[-.|\\/ ]* )?commit ([0-9a-f]{7,64})((?: [0-9a-f]{7,64})*)(?: \(.*\))?\s*$/

const FIELD =
  /^(?:Merge|Author|AuthorDate|Commit|CommitDate|Date|Reflog|Reflog message): |^(?:tree|parent|author|committer) /
const INDENT = /^(?: {4}|\t)/

/** True for the formats that begin each commit with a `commit <hash>` line: medium, short, full, fuller, raw. */
export const isGitLog = (lines: string[]): boolean => lines.some((line) => HEADER.test(line))

export function readGitLog(lines: string[]): LoggedCommit[] {
  const blocks = blocksOf(lines)
  // Git indents messages; a text that went through a chat or a form may have lost that everywhere.
  const isIndented = blocks.some(({ lines }) => lines.some((line) => INDENT.test(line)))
  return blocks.map(({ hash, lines }) => ({
    hash,
    message: (isIndented ? indentedMessage(lines) : flatMessage(lines)).join('\n').trim(),
    isMerge: isMerge(lines),
  }))
}

interface Block {
  hash: string
  lines: string[]
}

function blocksOf(lines: string[]): Block[] {
  const blocks: Block[] = []
  let graphWidth = 0
  let hashLength: number | undefined
  for (const line of lines) {
    const [, graph = '', hash] = HEADER.exec(line) ?? []
    // One log has hashes of one length; a shorter one is somebody's mention in a body that lost its indentation.
    if (hash !== undefined && hash.length === (hashLength ??= hash.length)) {
      graphWidth = graph.length
      blocks.push({ hash, lines: [] })
    } else blocks.at(-1)?.lines.push(line.slice(graphWidth))
  }
  return blocks
}

/** Fields stand before the first empty line. */
function isMerge(lines: string[]): boolean {
  const end = lines.findIndex((line) => line.trim() === '')
  const fields = end < 0 ? lines : lines.slice(0, end)
  return (
    fields.some((line) => line.startsWith('Merge: ')) || fields.filter((line) => line.startsWith('parent ')).length > 1
  )
}

/** The first run of indented lines. What follows without indentation is notes, file lists or a patch. */
function indentedMessage(lines: string[]): string[] {
  const fieldsEnd = lines.findIndex((line) => line.trim() === '' || INDENT.test(line))
  const rest = fieldsEnd < 0 ? [] : lines.slice(fieldsEnd)
  const end = rest.findIndex((line) => line.trim() !== '' && !INDENT.test(line))
  return (end < 0 ? rest : rest.slice(0, end)).map((line) => line.replace(INDENT, ''))
}

function flatMessage(lines: string[]): string[] {
  const start = lines.findIndex((line) => !FIELD.test(line))
  return start < 0 ? [] : lines.slice(start)
}
