const PEOPLE_MAX = 5_000

/** The direct messages between people and the bot: Slack gives each person one, and it stays the same. */
export class Directs {
  readonly #open: (userId: string) => Promise<string>
  readonly #known = new Map<string, Promise<string>>()

  constructor(open: (userId: string) => Promise<string>) {
    this.#open = open
  }

  /** Where somebody has written to the bot alone, they can be written to. */
  learn(userId: string, channel: string): void {
    if (!this.#known.has(userId)) this.#keep(userId, Promise.resolve(channel))
  }

  /** Asks Slack once; rejects when it does not say, and asks again the next time. */
  find(userId: string): Promise<string> {
    const known = this.#known.get(userId)
    if (known) return known
    return this.#keep(userId, this.#open(userId))
  }

  #keep(userId: string, channel: Promise<string>): Promise<string> {
    if (this.#known.size >= PEOPLE_MAX) this.#known.clear()
    this.#known.set(userId, channel)
    channel.catch(() => this.#known.delete(userId))
    return channel
  }
}
