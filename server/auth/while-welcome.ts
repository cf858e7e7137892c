import type { Context } from 'hono'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import { goodKeys } from '#db/credentials.ts'
import { openSessions } from '#db/sessions.ts'
import type { Env, Principal } from '../env.ts'

/** Nobody reads on longer than this, and the moment of a look, after what they came with was ended. */
const LOOK_EVERY_MS = 500
/** More names than this in one statement, and a database begins to mind. */
const IN_A_STATEMENT = 500

/** For answers that do not end by themselves: calls `end`, once, soon after whoever asked would be refused if they asked now. */
export function whileWelcome(core: Core, c: Context<Env>, end: () => void): () => void {
  const principal = c.get('principal')
  if (!principal) throw new AppError('unauthorized', 'Sign in first.')
  const watch = WATCHES.get(core) ?? new Watch(core)
  WATCHES.set(core, watch)
  return watch.add(principal.by, end)
}

const WATCHES = new WeakMap<Core, Watch>()

type Ticket = Principal['by']

/**
 * Looks for all streams of a process together: a thousand of them cost a few reads in a look, not a thousand. Other processes
 * and the command line revoke as well, so the database is what tells.
 */
class Watch {
  readonly #core: Pick<Core, 'db' | 'clock'>
  readonly #guests = new Set<{ ticket: Ticket; end: () => void }>()
  #timer: NodeJS.Timeout | undefined
  #isLooking = false

  constructor(core: Pick<Core, 'db' | 'clock'>) {
    this.#core = core
  }

  add(ticket: Ticket, end: () => void): () => void {
    const guest = { ticket, end }
    this.#guests.add(guest)
    this.#timer ??= setInterval(() => void this.#look(), LOOK_EVERY_MS)
    return () => {
      this.#guests.delete(guest)
      if (this.#guests.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      const here = [...this.#guests]
      const nowMs = this.#core.clock.nowMs()
      const [keys, sessions] = await Promise.all([
        this.#good(here, 'key', (ids) => goodKeys(this.#core.db, ids, nowMs)),
        this.#good(here, 'session', (ids) => openSessions(this.#core.db, ids, nowMs)),
      ])
      const isWelcome = ({ type, id }: Ticket): boolean => (type === 'key' ? keys : sessions).has(id)
      for (const guest of here) {
        if (isWelcome(guest.ticket) || !this.#guests.delete(guest)) continue
        guest.end()
      }
    } catch {
      // A database that is away for a moment has not revoked anything.
    } finally {
      this.#isLooking = false
    }
  }

  async #good(
    guests: readonly { ticket: Ticket }[],
    type: Ticket['type'],
    look: (ids: string[]) => Promise<Set<string>>,
  ): Promise<Set<string>> {
    const ids = [...new Set(guests.flatMap(({ ticket }) => (ticket.type === type ? ticket.id : [])))]
    const good = new Set<string>()
    for (let from = 0; from < ids.length; from += IN_A_STATEMENT) {
      for (const id of await look(ids.slice(from, from + IN_A_STATEMENT))) good.add(id)
    }
    return good
  }
}
