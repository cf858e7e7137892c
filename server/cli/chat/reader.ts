const BLOCK = '"""'

/**
 * Makes messages of lines. A message is one line; or lines that end with `\`; or what stands between `"""` and `"""`; or
 * a paste, whatever is in it, with what was typed before and behind.
 */
export class MessageReader {
  #held: string[] = []
  #isBlock = false
  #isPaste = false

  /** Between these two nothing is sent, however many lines come. */
  pasteStarts(): void {
    this.#isPaste = true
  }

  /** How many lines of the message there are already. */
  pasteEnds(): number {
    this.#isPaste = false
    return this.#held.length
  }

  /** True when the next line belongs to a message that has begun. */
  get isOpen(): boolean {
    return this.#held.length > 0 || this.#isBlock
  }

  drop(): void {
    this.#held = []
    this.#isBlock = false
    this.#isPaste = false
  }

  /** The message that this line ends; undefined when more is to come. */
  read(line: string): string | undefined {
    if (this.#isPaste) return this.#hold(line)
    if (this.#isBlock)
      return line.trimEnd().endsWith(BLOCK) ? this.#end(line.trimEnd().slice(0, -BLOCK.length)) : this.#hold(line)
    const opening = openedBy(line)
    if (opening !== undefined) {
      this.#isBlock = true
      return opening === '' ? undefined : this.#hold(opening)
    }
    if (line.endsWith('\\')) return this.#hold(line.slice(0, -1))
    return this.#end(line)
  }

  /** What is there when no more lines come. */
  rest(): string | undefined {
    return this.isOpen ? this.#end('') : undefined
  }

  #hold(line: string): undefined {
    this.#held.push(line)
  }

  #end(line: string): string {
    const message = [...this.#held, line].join('\n')
    this.drop()
    return message.replace(/^\n+|\s+$/g, '')
  }
}

/** What stands before the quotes of a line that opens a block: nothing, or a command. */
function openedBy(line: string): string | undefined {
  const text = line.trimEnd()
  const at = text.indexOf(BLOCK)
  if (at === -1 || at !== text.length - BLOCK.length)
    return text.startsWith(BLOCK) ? text.slice(BLOCK.length) : undefined
  return text.slice(0, at).trimEnd()
}
