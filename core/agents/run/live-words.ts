import { withoutForeignLinks } from './links.ts'

/** Longer than that without a blank is no word: a part of it may be an address, so it waits for the result. */
const WORD_MAX = 2_000

/**
 * What an agent writes at the moment, word by word for whoever looks on: an address that nobody has named is left out here as it
 * is in the answer, and of an address nothing shows before all of it is there.
 */
export class LiveWords {
  readonly #hosts: ReadonlySet<string>
  readonly #tell: (piece: string) => void
  #held = ''
  #hasTold = false

  constructor(hosts: ReadonlySet<string>, tell: (piece: string) => void) {
    this.#hosts = hosts
    this.#tell = tell
  }

  write(piece: string): void {
    this.#held += piece
    const [words = ''] = /^.*\s/s.exec(this.#held) ?? []
    this.#held = this.#held.slice(words.length)
    if (this.#held.length > WORD_MAX) this.#held = ''
    this.#say(words)
  }

  /** The answer is whole: what comes next is another one. */
  end(): void {
    this.#say(this.#held)
    this.#held = ''
    if (this.#hasTold) this.#tell('\n\n')
    this.#hasTold = false
  }

  #say(words: string): void {
    const shown = withoutForeignLinks(words, this.#hosts)
    if (shown === '') return
    this.#hasTold = true
    this.#tell(shown)
  }
}
