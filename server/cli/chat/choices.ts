import type { Button, Part } from '#core/chat/message.ts'
import type { WebMessage } from '#core/chat/web.ts'

/** What stands behind a number at the prompt. */
export type Choice = { type: 'button'; button: Button } | { type: 'file'; file: FilePart }
export type FilePart = Extract<Part, { type: 'file' }>

/** Gives what can be chosen a number, the same one as long as it is there. */
export class Choices {
  readonly #byNumber = new Map<number, Choice>()
  /** Of each message: what its choices are known by → number. */
  readonly #numbers = new Map<string, Map<string, number>>()
  #last = 0

  /** Takes a message as it is now. What is gone from it cannot be chosen any more; its number is not used again. */
  take({ id, parts }: WebMessage): void {
    const before = this.#numbers.get(id) ?? new Map<string, number>()
    const now = new Map<string, number>()
    for (const choice of parts.flatMap(choicesOf)) {
      const key = keyOf(choice)
      const number = before.get(key) ?? ++this.#last
      now.set(key, number)
      this.#byNumber.set(number, choice)
    }
    for (const [key, number] of before) if (!now.has(key)) this.#byNumber.delete(number)
    this.#numbers.set(id, now)
  }

  numberOf(messageId: string, choice: Choice): number | undefined {
    return this.#numbers.get(messageId)?.get(keyOf(choice))
  }

  /** `gone` for a number that was once something. */
  find(number: number): Choice | 'gone' | undefined {
    return this.#byNumber.get(number) ?? (number >= 1 && number <= this.#last ? 'gone' : undefined)
  }
}

/** A link is for the browser: it is shown and has no number. */
export const isPressable = (button: Button): boolean => button.token !== undefined || button.command !== undefined

function choicesOf(part: Part): Choice[] {
  if (part.type === 'file') return [{ type: 'file', file: part }]
  if (part.type !== 'buttons') return []
  return part.buttons.filter(isPressable).map((button) => ({ type: 'button', button }))
}

const keyOf = (choice: Choice): string =>
  choice.type === 'file'
    ? `file ${choice.file.artifactId}`
    : `button ${choice.button.label} ${choice.button.token ?? choice.button.command}`
