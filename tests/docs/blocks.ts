/**
 * Parts of documents that programs write: between `<!-- kind:name -->` and `<!-- /kind:name -->`, nothing else on those
 * lines. What stands around them is written by people.
 */
export interface Block {
  kind: string
  name: string
  /** What stands between the two lines. */
  content: string
}

const BLOCK = /^<!-- ([\w-]+):([\w-]+) -->\n([\s\S]*?)^<!-- \/\1:\2 -->$/gm

export function blocksIn(document: string, kind: string): Block[] {
  return [...document.matchAll(BLOCK)]
    .map(([, found = '', name = '', content = '']) => ({ kind: found, name, content }))
    .filter((block) => block.kind === kind)
}

/** The document with another content in one block; unchanged when there is no such block. */
export function withBlock(document: string, { kind, name, content }: Block): string {
  return document.replaceAll(BLOCK, (whole, foundKind: string, foundName: string) =>
    foundKind === kind && foundName === name
      ? `<!-- ${kind}:${name} -->\n${content.replace(/\n*$/, '\n')}<!-- /${kind}:${name} -->`
      : whole,
  )
}

/** The lines inside the one fence of a block. */
export function unfenced({ name, content }: Block): string {
  const [, inside] = /^\s*```\w*\n([\s\S]*?)\n?```\s*$/.exec(content) ?? []
  if (inside === undefined) throw new Error(`The block ${name} is not one fenced part`)
  return inside
}

export const fenced = (text: string, language = 'text'): string => `\n\`\`\`${language}\n${text}\n\`\`\`\n\n`
