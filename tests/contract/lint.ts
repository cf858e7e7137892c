/**
 * `npm run contract`: what others say of the API's document. Redocly and Spectral read it; Prism stands between the examples
 * of docs/api.md and the program, and compares each request and answer with it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { freePort } from '#tests/e2e/support/free-port.ts'
import { playGuide } from '../docs/play-guide.ts'
import { type Program, ROOT, startProgram } from '../docs/program.ts'

const TOOLS = join(import.meta.dirname, 'tools')
const tool = (name: string): string => join(TOOLS, 'node_modules', '.bin', name)
const directory = mkdtempSync(join(tmpdir(), 'muster-contract-'))
const FILE = join(directory, 'openapi.json')

let isGood = true
const tell = (name: string, good: boolean, words = ''): void => {
  console.log(`${good ? 'ok  ' : 'FAIL'}  ${name}${words === '' ? '' : `\n${words}`}`)
  isGood &&= good
}

function install(): void {
  if (existsSync(tool('redocly'))) return
  console.log('Installing the tools in tests/contract/tools …')
  const options = ['--prefix', TOOLS, '--no-audit', '--no-fund', '--ignore-scripts']
  const { status, stderr } = spawnSync('npm', ['ci', ...options], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`They could not be installed: ${stderr}`)
}

function read(name: string, args: string[]): void {
  // They tell nobody that they were used, and ask for no newer version of themselves.
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const { status, stdout, stderr } = spawnSync(tool(name), args, { encoding: 'utf8', env })
  tell(name, status === 0, status === 0 ? '' : `${stdout}${stderr}`)
}

const PRISM_WITHIN_MS = 60_000

/** What it says goes into a file: while the examples are typed, nobody here would read it. */
async function startPrism(program: Program, port: number): Promise<{ child: ChildProcess; said: () => string }> {
  const log = join(directory, 'prism.log')
  const out = openSync(log, 'w')
  const child = spawn(tool('prism'), ['proxy', FILE, program.url, '--port', String(port)], {
    stdio: ['ignore', out, out],
  })
  const said = (): string => stripVTControlCharacters(readFileSync(log, 'utf8'))
  for (const untilMs = performance.now() + PRISM_WITHIN_MS; !said().includes('Prism is listening'); await sleep(100)) {
    if (performance.now() > untilMs) throw new Error(`Prism did not start: ${said()}`)
  }
  return { child, said }
}

async function playThrough(program: Program): Promise<void> {
  const port = await freePort()
  const { child, said } = await startPrism(program, port)
  const guide = readFileSync(join(ROOT, 'docs/api.md'), 'utf8')
  const tried = await playGuide({ ...program, url: `http://127.0.0.1:${port}`, origin: program.url }, guide)
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill()
  await ended
  const exchanges = said().split('Request received').slice(1)
  const violations = exchanges.flatMap(violationsIn)
  tell(
    `prism, over ${exchanges.length} requests`,
    exchanges.length >= tried.length && violations.length === 0,
    violations.join('\n'),
  )
}

/** What was refused need not have been right: the guide shows mistakes too. */
function violationsIn(exchange: string): string[] {
  const [, status] = /has returned (\d+)/.exec(exchange) ?? []
  const found = exchange.split('\n').filter((line) => line.includes('Violation:'))
  return Number(status) < 400 ? found : found.filter((line) => !line.includes('Violation: request.'))
}

install()
const program = await startProgram()
try {
  writeFileSync(FILE, await (await fetch(`${program.url}/openapi.json`)).text())
  read('redocly', ['lint', FILE, '--config', join(TOOLS, 'redocly.yaml')])
  read('spectral', ['lint', FILE, '--ruleset', join(TOOLS, 'spectral.yaml'), '--fail-severity', 'warn'])
  await playThrough(program)
} finally {
  await program.stop()
  rmSync(directory, { recursive: true, force: true })
}
process.exit(isGood ? 0 : 1)
