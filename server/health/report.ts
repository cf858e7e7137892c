import { type HealthDeps, Look } from './look.ts'
import { fail, type Part } from './part.ts'

export interface Report {
  status: 'ok' | 'degraded' | 'unavailable'
  parts: Record<string, Part>
}

/** Probes come every second, from several sides; what is well is looked at again after this long. */
const KEEP_WELL_MS = 10_000
const KEEP_UNWELL_MS = 2_000

/** The newest look, shared by all who ask meanwhile. */
export class HealthReport {
  readonly #deps: HealthDeps
  readonly #look: Look
  #last: { report: Report; untilMs: number } | undefined
  #looking: Promise<Report> | undefined

  constructor(deps: HealthDeps) {
    this.#deps = deps
    this.#look = new Look(deps)
  }

  async read(): Promise<Report> {
    // Before anything else is looked at: whoever is asked while it stops must say so at once.
    if (this.#deps.stopping?.aborted) return reportOf({ process: fail('It is stopping.') })
    if (this.#last && performance.now() < this.#last.untilMs) return this.#last.report
    this.#looking ??= this.#lookAnew().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #lookAnew(): Promise<Report> {
    const report = reportOf(await this.#look.parts())
    const keepMs = report.status === 'unavailable' ? KEEP_UNWELL_MS : KEEP_WELL_MS
    this.#last = { report, untilMs: performance.now() + keepMs }
    return report
  }
}

function reportOf(parts: Record<string, Part>): Report {
  const states = Object.values(parts).map(({ status }) => status)
  if (states.includes('fail')) return { status: 'unavailable', parts }
  return { status: states.includes('warn') ? 'degraded' : 'ok', parts }
}
