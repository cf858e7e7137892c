/**
 * `npm run mcp:inspect`: the official inspector against this program, over HTTP and over pipes. It lists what there is, looks
 * for what other programs could stumble over, calls a published job and sees its run end. Ends with 1 when anything is not so.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, startProgram } from '#tests/docs/program.ts'

const HOME = join(import.meta.dirname, 'inspector')
const INSPECTOR = join(HOME, 'node_modules', '.bin', 'mcp-inspector')
const MAIN = join(ROOT, 'server', 'cli', 'main.ts')
const COMMITS = 'a1b2c3d feat: first'

/** Brings a web client of its own, so that it is no dependency of the program and is fetched here, once. */
function fetchInspector(): void {
  if (existsSync(INSPECTOR)) return
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: HOME, stdio: 'inherit' })
}

interface Way {
  name: string
  /** Which server, as the inspector is told. */
  target: string[]
  environment: Record<string, string>
}

// biome-ignore lint/suspicious/noExplicitAny: what comes back is looked at field by field
function inspect({ name, target, environment }: Way, method: string, ...more: string[]): any {
  const words = [...target, '--method', method, ...more]
  const { status, stdout, stderr } = spawnSync(process.execPath, [INSPECTOR, '--cli', ...words], {
    env: environment,
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.equal(status, 0, `${name}: ${method} ended with ${status}: ${stderr}${stdout}`)
  return JSON.parse(stdout)
}

function checkAll(way: Way): void {
  const { tools } = inspect(way, 'tools/list', '--strict')
  const names: string[] = tools.map((tool: { name: string }) => tool.name)
  for (const name of ['release-notes', 'runs.get', 'reviews.decide', 'tasks.claim', 'leases.acquire', 'events.list']) {
    assert(names.includes(name), `${way.name}: ${name} is listed`)
  }
  const called = inspect(way, 'tools/call', '--tool-name', 'release-notes', '--tool-arg', `commits=${COMMITS}`)
  const run = called.structuredContent
  assert.equal(run.status, 'succeeded')
  assert.match(run.outputs.notes, /first/)
  const seen = inspect(way, 'tools/call', '--tool-name', 'runs.get', '--tool-arg', `runId=${run.id}`)
  assert.equal(seen.structuredContent.status, 'succeeded')
  const { contents } = inspect(way, 'resources/read', '--uri', `muster://runs/${run.id}`)
  assert.equal(JSON.parse(contents[0].text).costUsd, run.costUsd)
  console.log(`${way.name}: ${tools.length} tools; release-notes ended as ${run.status} and cost $${run.costUsd}`)
}

fetchInspector()
const program = await startProgram()
try {
  const muster = (...words: string[]): string =>
    execFileSync('node', [MAIN, ...words, '--json'], { env: program.environment, encoding: 'utf8' })
  muster('account', 'create', 'ada', '--admin')
  const { key } = JSON.parse(muster('key', 'create', '--account', 'ada'))
  const { environment } = program
  checkAll({
    name: 'over HTTP',
    target: [`${program.url}/mcp`, '--transport', 'http', '--header', `Authorization: Bearer ${key}`],
    environment,
  })
  checkAll({ name: 'over pipes', target: ['node', MAIN, 'mcp'], environment })
  const through = { ...environment, MUSTER_API_KEY: key, PUBLIC_URL: program.url }
  checkAll({ name: 'over pipes, through the server', target: ['node', MAIN, 'mcp'], environment: through })
} finally {
  await program.stop()
}
