import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import type { Channel } from '#bots/channel.ts'
import type { Core } from '#core/core.ts'
import { createProbe, type Probe } from '#core/probe.ts'
import { countRows, databaseClockMs } from '#db/health.ts'
import { missingMigrations } from '#db/migrate.ts'
import { fileOf } from '../cli/database.ts'
import type { Config } from '../config.ts'
import { fail, ok, type Part, part, warn } from './part.ts'

/** A worker that is there takes an item in a moment; one that was woken by looking takes a second. */
const ROUND_TRIP_MS = 3_000
const PART_MS = 5_000
/** Others take work over when this process's clock says that a lease has ended. */
const CLOCK_WARN_MS = 2_000
const MB = 1024 ** 2
const DISK_FAIL_BYTES = 100 * MB
const DISK_WARN_BYTES = 1_024 * MB

export interface HealthDeps {
  core: Core
  config: Pick<Config, 'databaseUrl' | 'leaseMs'>
  /** Those that were started in this process. */
  channels: readonly Channel[]
  stopping?: AbortSignal
}

/** Looks at each part of the program, all at once. */
export class Look {
  readonly #deps: HealthDeps
  readonly #probe: Probe

  constructor(deps: HealthDeps) {
    this.#deps = deps
    this.#probe = createProbe(deps.core)
  }

  async parts(): Promise<Record<string, Part>> {
    const { core, channels } = this.#deps
    const looks: Record<string, () => Part | Promise<Part>> = {
      database: async () => {
        await countRows.first(core.db, {})
        return ok(`${core.db.dialect === 'sqlite' ? 'SQLite' : 'Postgres'} answers.`)
      },
      migrations: () => this.#migrations(),
      queue: () => this.#queue(),
      clock: () => this.#clock(),
      disk: () => this.#disk(),
    }
    for (const channel of channels) looks[`channel.${channel.name}`] = () => channelPart(channel)
    const names = Object.keys(looks)
    const found = await Promise.all(names.map((name) => part(looks[name] ?? (() => ok('')), PART_MS)))
    return Object.fromEntries(names.map((name, index) => [name, found[index] ?? fail('')]))
  }

  async #migrations(): Promise<Part> {
    const missing = await missingMigrations(this.#deps.core.db)
    return missing.length === 0 ? ok('None is missing.') : fail(`Missing: ${missing.join(', ')}.`)
  }

  async #queue(): Promise<Part> {
    const began = performance.now()
    if (await this.#probe.ask(ROUND_TRIP_MS)) {
      return ok(`A worker did what was put in, in ${Math.round(performance.now() - began)} ms.`)
    }
    return fail(`What was put in can be stored, but no worker took it within ${ROUND_TRIP_MS / 1_000} s.`)
  }

  async #clock(): Promise<Part> {
    const { core, config } = this.#deps
    const askedMs = core.clock.nowMs()
    const databaseMs = await databaseClockMs(core.db)
    // The answer was made between the question and now.
    const nowMs = core.clock.nowMs()
    const apartMs = Math.max(askedMs - databaseMs, databaseMs - nowMs, 0)
    const words = `It is ${Math.round(apartMs)} ms apart from the database's.`
    if (apartMs > config.leaseMs / 3) return fail(words)
    return apartMs > CLOCK_WARN_MS ? warn(words) : ok(words)
  }

  /** Where the database is, when it is on this machine, and where temporary files go. */
  async #disk(): Promise<Part> {
    const file = fileOf(this.#deps.config.databaseUrl)
    const { bavail, bsize } = await statfs(file === undefined ? tmpdir() : dirname(file))
    const leftBytes = bavail * bsize
    const words = `${Math.floor(leftBytes / MB)} MB are free for ${file === undefined ? 'temporary files' : 'the database'}.`
    if (leftBytes < DISK_FAIL_BYTES) return fail(words)
    return leftBytes < DISK_WARN_BYTES ? warn(words) : ok(words)
  }
}

function channelPart(channel: Channel): Part {
  const found = channel.trouble?.()
  if (!found) return ok('Connected.')
  // What has never worked here is a wrong setting; what did is the platform's trouble, and theirs to mend.
  return found.wasConnected ? warn(found.reason) : fail(found.reason)
}
