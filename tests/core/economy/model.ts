/** What the ledger should do, in a page: plain maps, no database, no order of locks. */

export type Wallet = 'p0' | 'p1' | 'p2' | 'team'
export type Person = 0 | 1 | 2

export interface ModelRun {
  person: Person
  inTeam: boolean
  holds: { micros: bigint; period: string }[]
  isSettled: boolean
  charges: { id: string; leftMicros: bigint; period: string }[]
}

interface Balance {
  posted: bigint
  held: bigint
}

/** `none` or the code of the refusal. */
export type Outcome =
  | 'none'
  | 'insufficient_funds'
  | 'limit_reached'
  | 'not_found'
  | 'forbidden'
  | 'bad_input'
  | 'conflict'
  | 'failed'

export const personWallet = (person: Person): Wallet => `p${person}`

export class LedgerModel {
  period = '2026-11'
  readonly wallets: Record<Wallet, Balance> = {
    p0: { posted: 0n, held: 0n },
    p1: { posted: 0n, held: 0n },
    p2: { posted: 0n, held: 0n },
    team: { posted: 0n, held: 0n },
  }
  credit = 0n
  teamCap: bigint | null = null
  maxRuns: number | null = null
  readonly personCaps: (bigint | null)[] = [null, null, null]
  /** Person 0 owns the team. */
  readonly members = new Map<Person, bigint | null>([[0, null]])
  readonly used = new Map<string, { micros: bigint; runs: number }>()
  readonly runs: ModelRun[] = []
  /** What was granted on top of a cap, and when it ends. */
  readonly raises: { scope: string; micros: bigint; untilMs: number }[] = []
  nowMs = 0

  usage(scope: string, period = this.period): { micros: bigint; runs: number } {
    return this.used.get(`${scope} ${period}`) ?? { micros: 0n, runs: 0 }
  }

  free(wallet: Wallet): bigint {
    const { posted, held } = this.wallets[wallet]
    return posted - held + (wallet === 'team' ? this.credit : 0n)
  }

  scopes(person: Person, inTeam: boolean): { scope: string; cap: bigint | null; maxRuns: number | null }[] {
    const own = { scope: `p${person}`, cap: this.personCaps[person] ?? null, maxRuns: null }
    if (!inTeam) return [own]
    return [
      { scope: `m${person}`, cap: this.raised(`m${person}`, this.members.get(person) ?? null), maxRuns: null },
      { scope: 'team', cap: this.raised('team', this.teamCap), maxRuns: this.maxRuns },
      own,
    ]
  }

  raised(scope: string, cap: bigint | null): bigint | null {
    if (cap === null) return null
    const inForce = this.raises.filter((raise) => raise.scope === scope && raise.untilMs > this.nowMs)
    return inForce.reduce((sum, { micros }) => sum + micros, cap)
  }

  raise(person: Person, ofTeam: boolean, micros: bigint, untilMs: number): Outcome {
    if (!this.members.has(person)) return 'not_found'
    if ((ofTeam ? this.teamCap : (this.members.get(person) ?? null)) === null) return 'conflict'
    this.raises.push({ scope: ofTeam ? 'team' : `m${person}`, micros, untilMs })
    return 'none'
  }

  hasRoom(person: Person, inTeam: boolean, micros: bigint, runs: number): boolean {
    return this.scopes(person, inTeam).every(({ scope, cap, maxRuns }) => {
      const used = this.usage(scope)
      const fits = micros === 0n || cap === null || used.micros + micros <= cap
      return fits && (runs === 0 || maxRuns === null || used.runs + runs <= maxRuns)
    })
  }

  count(person: Person, inTeam: boolean, micros: bigint, runs = 0, period = this.period): void {
    for (const { scope } of this.scopes(person, inTeam)) {
      const used = this.usage(scope, period)
      this.used.set(`${scope} ${period}`, { micros: used.micros + micros, runs: used.runs + runs })
    }
  }

  hold(run: ModelRun, micros: bigint): Outcome {
    const { person, inTeam } = run
    if (inTeam && !this.members.has(person)) return 'not_found'
    const runs = run.holds.length === 0 ? 1 : 0
    if (!this.hasRoom(person, inTeam, micros, runs)) return 'limit_reached'
    const wallet = inTeam ? 'team' : personWallet(person)
    if (this.free(wallet) < micros) return 'insufficient_funds'
    this.count(person, inTeam, micros, runs)
    this.wallets[wallet].held += micros
    run.holds.push({ micros, period: this.period })
    return 'none'
  }

  /** What stays owed. */
  settle(run: ModelRun, id: string, costMicros: bigint): bigint {
    const { person, inTeam } = run
    const wallet = inTeam ? 'team' : personWallet(person)
    let rest = costMicros
    run.holds.forEach(({ micros, period }, index) => {
      const charged = rest < micros ? rest : micros
      rest -= charged
      this.wallets[wallet].held -= micros
      this.wallets[wallet].posted -= charged
      this.count(person, inTeam, charged - micros, 0, period)
      if (charged > 0n) run.charges.push({ id: `charge_${id}_${index + 1}`, leftMicros: charged, period })
    })
    run.isSettled = true
    if (rest === 0n || !this.hasRoom(person, inTeam, rest, 0) || this.free(wallet) < rest) return rest
    this.wallets[wallet].posted -= rest
    this.count(person, inTeam, rest)
    run.charges.push({ id: `charge_${id}_beyond`, leftMicros: rest, period: this.period })
    return 0n
  }

  refund(run: ModelRun, charge: ModelRun['charges'][number], micros: bigint): Outcome {
    if (charge.leftMicros === 0n) return 'conflict'
    if (micros > charge.leftMicros) return 'bad_input'
    charge.leftMicros -= micros
    this.wallets[run.inTeam ? 'team' : personWallet(run.person)].posted += micros
    this.count(run.person, run.inTeam, -micros, 0, charge.period)
    return 'none'
  }

  debit(person: Person, inTeam: boolean, micros: bigint): Outcome {
    if (inTeam && !this.members.has(person)) return 'not_found'
    if (!this.hasRoom(person, inTeam, micros, 0)) return 'limit_reached'
    const wallet = inTeam ? 'team' : personWallet(person)
    if (this.free(wallet) < micros) return 'insufficient_funds'
    this.count(person, inTeam, micros)
    this.wallets[wallet].posted -= micros
    return 'none'
  }

  /** Between one's own wallets, without the credit line. */
  move(person: Person, toTeam: boolean, micros: bigint): Outcome {
    if (!this.members.has(person)) return 'not_found'
    if (!toTeam && person !== 0) return 'forbidden'
    const [from, to] = toTeam ? [personWallet(person), 'team' as const] : ['team' as const, personWallet(person)]
    const { posted, held } = this.wallets[from]
    if (posted - held < micros) return 'insufficient_funds'
    this.wallets[from].posted -= micros
    this.wallets[to].posted += micros
    return 'none'
  }
}
