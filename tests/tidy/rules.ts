import { dirname, join, normalize } from 'node:path/posix'

export interface SourceFile {
  /** From the top of the repository: `core/runs/submit.ts`. */
  path: string
  text: string
}

/** One rule broken in one place. */
export interface Untidiness {
  path: string
  rule: string
  what: string
}

/** A folder may import from those it names and from itself; see docs/decisions. Tests may import anything. */
const LADDER: Record<string, readonly string[]> = {
  server: ['bots', 'commands', 'core', 'db'],
  bots: ['commands', 'core'],
  commands: ['core'],
  core: ['db'],
  db: [],
}

/** Where a package may be imported, by the beginning of the path. */
const HOMES: Record<string, readonly string[]> = {
  grammy: ['bots/telegram/'],
  '@grammyjs/': ['bots/telegram/'],
  '@slack/': ['bots/slack/', 'server/cli/'],
  kysely: ['db/'],
  'better-sqlite3': ['db/'],
  pg: ['db/'],
  'pg-boss': ['db/'],
  croner: ['core/schedules/'],
  ai: ['core/models/'],
  undici: ['core/outbound/'],
  'ipaddr.js': ['core/outbound/'],
  standardwebhooks: ['core/outbound/'],
  nodemailer: ['core/outbound/'],
  imapflow: ['bots/email/'],
  mailparser: ['bots/email/'],
  mailauth: ['bots/email/'],
  jose: ['core/accounts/'],
  hono: ['server/'],
  '@hono/': ['server/'],
  commander: ['server/cli/'],
  '@clack/': ['server/cli/'],
  pino: ['server/'],
  '@prometheus-io/': ['server/metrics/'],
  '@sentry/': ['server/telemetry/'],
  '@opentelemetry/': ['server/telemetry/'],
}

/** What only one place may say, so that tests can put something else in its place. */
const SAYINGS: { rule: string; pattern: RegExp; homes: readonly string[] }[] = [
  { rule: 'process.env only in server/config.ts', pattern: /\bprocess\.env\b/, homes: ['server/config.ts'] },
  {
    rule: 'the clock is read only in core/clock.ts',
    pattern: /\bDate\.now\(|\bnew Date\(\)/,
    homes: ['core/clock.ts'],
  },
  {
    rule: 'randomness comes only from core/ids.ts',
    pattern: /\bMath\.random\(|\brandomUUID|\brandomBytes\(/,
    homes: ['core/ids.ts', 'server/console-files.ts'],
  },
  {
    rule: 'transactions are opened only by db.write',
    pattern: /\.transaction\(\)\.execute|\.startTransaction\(/,
    homes: [],
  },
]

/** The browser's own code has other rules: it never meets the database. */
const isChecked = (path: string): boolean => {
  const top = path.split('/')[0] ?? ''
  return top in LADDER && !path.startsWith('server/console/')
}

export function findUntidiness(files: readonly SourceFile[]): Untidiness[] {
  const checked = files.filter(({ path }) => isChecked(path))
  return [...checked.flatMap((file) => inFile(file)), ...circles(checked)]
}

function inFile(file: SourceFile): Untidiness[] {
  const found: Untidiness[] = []
  const add = (rule: string, what: string): void => void found.push({ path: file.path, rule, what })
  for (const target of importsOf(file)) checkImport(file.path, target, add)
  const code = withoutComments(file.text)
  for (const { rule, pattern, homes } of SAYINGS) {
    const said = pattern.exec(code)
    if (said && !homes.some((home) => file.path.startsWith(home))) add(rule, said[0])
  }
  if (isBarrel(code)) add('no barrel files', 'only re-exports')
  return found
}

function checkImport(path: string, target: string, add: (rule: string, what: string) => void): void {
  const top = path.split('/')[0] ?? ''
  if (target.startsWith('.')) {
    const resolved = normalize(join(dirname(path), target))
    if (!resolved.startsWith(`${top}/`)) add('across folders use #folder/…', target)
    if (!resolved.endsWith('.ts') && !resolved.endsWith('.json')) add('paths end in .ts', target)
    return
  }
  if (target.startsWith('#')) {
    const folder = target.slice(1).split('/')[0] ?? ''
    // Inside one folder both ways are fine; down the ladder only as it says.
    if (folder !== top && !LADDER[top]?.includes(folder)) add(`${top}/ may not import ${folder}/`, target)
    return
  }
  for (const [name, homes] of Object.entries(HOMES)) {
    const isIt = name.endsWith('/') ? target.startsWith(name) : target === name || target.startsWith(`${name}/`)
    if (isIt && !homes.some((home) => path.startsWith(home))) add(`${name} only in ${homes.join(', ')}`, target)
  }
}

const IMPORT =
  /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

function importsOf({ text }: SourceFile): string[] {
  return [...withoutComments(text).matchAll(IMPORT)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}

function isBarrel(code: string): boolean {
  const statements = code
    .replaceAll(/export\s+(type\s+)?(\*|\{[^}]*\})(\s+as\s+\w+)?\s+from\s*['"][^'"]+['"];?/g, '')
    .trim()
  return statements === '' && code.trim() !== ''
}

/** Files that need each other to be loaded; type imports are gone by then and do not count. */
function circles(files: readonly SourceFile[]): Untidiness[] {
  const graph = new Map(files.map((file) => [file.path, valueImports(file)]))
  const found: Untidiness[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      const circle = [...trail.slice(start), path]
      found.push({ path, rule: 'no circles', what: circle.join(' → ') })
      return
    }
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) walk(path, [])
  return found
}

function valueImports(file: SourceFile): string[] {
  const code = withoutComments(file.text)
  const targets: string[] = []
  for (const [statement, from, bare] of code.matchAll(IMPORT)) {
    const isType = /^\s*(import|export)\s+type\b/.test(statement)
    const onlyTypes = /\{([^}]*)\}/
      .exec(statement)?.[1]
      ?.split(',')
      .every((name) => /^\s*(type\s|$)/.test(name))
    const target = from ?? bare
    if (!target || isType || (onlyTypes && !/import\s+\w/.test(statement))) continue
    if (target.startsWith('.')) targets.push(normalize(join(dirname(file.path), target)))
    if (target.startsWith('#')) targets.push(target.slice(1))
  }
  return targets
}
