import { findNewestEvent, listOpenedHomes, listStirred } from '#db/homes.ts'
import { listTeamsOfPerson } from '#db/memberships.ts'
import { touchCard } from '../chat/outbox.ts'
import { contextKey, personal, teamContext } from '../context.ts'
import type { Core } from '../core.ts'
import { accountOfHome, openedAt } from './address.ts'

type Needs = Pick<Core, 'db' | 'clock' | 'ids' | 'queue' | 'log'>

const LOOK_EVERY_MS = 3_000
/** Who has not opened their home for so long is not looking; it is brought up to date when they do. */
const WATCHED_MS = 60 * 60_000

/**
 * Keeps the homes up to date that somebody may be looking at. It follows what has happened, so that those who make it
 * happen pay nothing for it: while no home is open it is one look at an index. A look may see a change twice, or miss one
 * that was slow to be committed; what has not changed is not sent, and opening a home always shows it as it is.
 */
export class HomeKeeper {
  readonly #core: Needs
  readonly #channel: string
  readonly #interval: NodeJS.Timeout
  #looking: Promise<void> | undefined
  /** The newest event at the look before the last one; undefined before the first. */
  #seen: number | undefined
  #last = 0
  #hasStopped = false

  constructor(core: Needs, channel: string) {
    this.#core = core
    this.#channel = channel
    this.#interval = setInterval(() => this.#lookNow(), LOOK_EVERY_MS)
    this.#lookNow()
  }

  /** What is due does not concern it: it looks at what has happened, at its own pace. */
  wake(): void {}

  async stop(): Promise<void> {
    this.#hasStopped = true
    clearInterval(this.#interval)
    await this.#looking
  }

  #lookNow(): void {
    if (!this.#hasStopped) this.#looking ??= this.#look()
  }

  async #look(): Promise<void> {
    try {
      const newest = (await findNewestEvent.first(this.#core.db, {}))?.seq ?? 0
      if (this.#seen !== undefined && newest > this.#seen) await this.#refresh(this.#seen)
      this.#seen = this.#seen === undefined ? newest : this.#last
      this.#last = newest
    } catch (err) {
      this.#core.log.error({ err }, 'Homes could not be kept up to date and will be in a moment')
    } finally {
      this.#looking = undefined
    }
  }

  async #refresh(after: number): Promise<void> {
    const { db } = this.#core
    const homes = await this.#opened()
    if (homes.length === 0) return
    const stirred = await listStirred.all(db, { after })
    const actors = new Set(stirred.map(({ actor }) => actor))
    const contexts = new Set(stirred.map(({ context }) => context))
    const touched: Home[] = []
    for (const home of homes) {
      const isOwn = actors.has(home.accountId) || contexts.has(contextKey(personal(home.accountId)))
      if (isOwn || (await this.#isInOneOf(home, contexts))) touched.push(home)
    }
    await this.#touch(touched)
  }

  async #opened(): Promise<Home[]> {
    const { db, clock } = this.#core
    const since = openedAt(Math.max(0, clock.nowMs() - WATCHED_MS))
    const rows = await listOpenedHomes.all(db, { channel: this.#channel, since })
    return rows.flatMap(({ conversation, card_key: cardKey, cause }) => {
      const accountId = accountOfHome(cardKey ?? '')
      return accountId === undefined || cardKey === null ? [] : [{ conversation, cardKey, cause, accountId }]
    })
  }

  async #isInOneOf({ accountId }: Home, contexts: ReadonlySet<string | null>): Promise<boolean> {
    const teams = await listTeamsOfPerson.all(this.#core.db, { accountId })
    return teams.some(({ id }) => contexts.has(contextKey(teamContext(id))))
  }

  async #touch(homes: readonly Home[]): Promise<void> {
    if (homes.length === 0) return
    const [core, channel] = [this.#core, this.#channel]
    await core.db.write(async function touchHomes(tx) {
      for (const { conversation, cardKey, cause } of homes) {
        await touchCard(core, tx, { channel, conversation, cardKey, cause })
      }
    })
  }
}

interface Home {
  conversation: string
  cardKey: string
  cause: string
  accountId: string
}
