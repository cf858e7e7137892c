import { inspect, parseArgs } from 'node:util'
import type { Dialect } from '#db/db.ts'
import { startPostgres } from '#tests/support/postgres.ts'
import { MUTANTS, withMutant } from './mutants.ts'
import { type ProofOptions, prove } from './proof.ts'
import { holds, type Missed, mutantsTable, type Proven, tableOf, whereAndWhen } from './report.ts'

const HELP = `npm run torture -- [options]

  --db sqlite            or postgres, or both one after the other (sqlite)
  --kills 500            kill -9 at so many random points (500) …
  --runs 4000            … over so many paid runs (8 a kill) …
  --nodes 2              … of so many processes on the one database (2)
  --gates 1              and at every n-th commit and call in turn; 0 leaves it out (1, on Postgres 10).
                         A life there passes about 400 of them and waits for what the one before held, so that all of
                         them take an hour. Not counted there are the commits by which a process only says that it
                         is still there. Another seed begins at another gate: those of ten in a row meet each one.
  --outages 12           on Postgres: stop and start the database so often, every 5 to 10 s (12)
  --freezes 100          and stop a process for three leases and let it go on, so often (100)
  --seed 7               the same seed plans the same story
  --mutant <name>        take one safeguard out of the program first: this must fail. "all", or several with commas, tries
                         each, and fails when one is not missed. A short story shows it: 24 kills, each 10th gate, 8 freezes and no outages, unless
                         told otherwise. ${MUTANTS.map(({ id }) => id).join(', ')}

Exits with 1 when anything is not as it must be, and with 2 when the proof itself could not be played to its end.`

const { values } = parseArgs({
  options: {
    db: { type: 'string', default: 'sqlite' },
    kills: { type: 'string' },
    runs: { type: 'string' },
    nodes: { type: 'string', default: '2' },
    gates: { type: 'string' },
    outages: { type: 'string' },
    freezes: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    mutant: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const RUNS_PER_KILL = 8
const SIZES = { kills: 500, gates: { sqlite: 1, postgres: 10 }, outages: 12, freezes: 100 }
const MUTANT_SIZES: typeof SIZES = { kills: 24, gates: { sqlite: 10, postgres: 40 }, outages: 0, freezes: 8 }

if (values.help) {
  print(HELP)
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    print(`Stopped by ${signal}; nothing is proven.`)
    process.exit(130)
  })
}
const dialects = dialectsOf(values.db)
const server = dialects.includes('postgres') ? await startPostgres() : undefined
print(whereAndWhen())
const proof = values.mutant === undefined ? proveAll() : tryMutants(values.mutant)
// A proof that could not be played to its end says nothing, least of all of a mutant.
const isGood = await proof.catch((error) => print(`Nothing is proven: ${inspect(error)}`)).finally(() => server?.stop())
process.exit(isGood === undefined ? 2 : isGood ? 0 : 1)

function optionsOn(dialect: Dialect): ProofOptions {
  const sizes = values.mutant === undefined ? SIZES : MUTANT_SIZES
  const kills = Number(values.kills ?? sizes.kills)
  return {
    dialect,
    server: dialect === 'postgres' ? server : undefined,
    kills,
    runs: Number(values.runs ?? RUNS_PER_KILL * kills),
    nodes: Number(values.nodes),
    gates: Number(values.gates ?? sizes.gates[dialect]),
    outages: Number(values.outages ?? sizes.outages),
    freezes: Number(values.freezes ?? sizes.freezes),
    seed: Number(values.seed),
    print,
  }
}

async function proveAll(): Promise<boolean> {
  const proven: Proven[] = []
  for (const dialect of dialects) proven.push(...(await prove(optionsOn(dialect))))
  print(`\n── report, seed ${values.seed}, ${whereAndWhen()}\n${tableOf(proven)}`)
  return holds(proven)
}

/** A safeguard taken out must be missed; of one alone the exit code is that of the proof it breaks. */
async function tryMutants(name: string): Promise<boolean> {
  const missed: Missed[] = []
  const names = name.split(',')
  for (const dialect of dialects) {
    const here = MUTANTS.filter(
      (one) => (one.dialect ?? dialect) === dialect && (name === 'all' || names.includes(one.id)),
    )
    for (const mutant of here) {
      print(`\n── without: ${mutant.name}`)
      const options = optionsOn(dialect)
      const { nodes = options.nodes, leaseMs, onlyFreezes } = mutant
      const only = onlyFreezes ? { kills: 0, gates: 0 } : {}
      const proven = await withMutant(mutant, (root) => prove({ ...options, ...only, nodes, leaseMs, mutant: root }))
      missed.push({ id: mutant.id, name: mutant.name, dialect, proven })
    }
  }
  if (missed.length === 0) throw new Error(`There is no mutant ${name} on ${values.db}`)
  print(`\n── report, seed ${values.seed}, ${whereAndWhen()}\n${mutantsTable(missed)}`)
  const unseen = missed.filter(({ proven }) => holds(proven)).map(({ id }) => id)
  print(unseen.length === 0 ? '\nEach was missed.' : `\nNot missed: ${unseen.join(', ')}`)
  return name === 'all' || names.length > 1 ? unseen.length === 0 : unseen.length > 0
}

function dialectsOf(text: string): Dialect[] {
  if (text === 'both') return ['sqlite', 'postgres']
  if (text === 'sqlite' || text === 'postgres') return [text]
  throw new Error('--db is sqlite, postgres or both')
}
