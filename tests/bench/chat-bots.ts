import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, signIn } from '#tests/e2e/support/client.ts'
import { freePort } from '#tests/e2e/support/free-port.ts'
import type { Edge } from './chat-load.ts'
import { type TelegramStub, TOKEN } from './chat-stub.ts'

export interface RunningBot {
  edge: Edge
  /** What is to be there before anything counts. */
  ready?(): Promise<void>
  /** How many runs are alive. */
  alive?(): Promise<number>
  /** Processor time it has had so far. */
  cpuMicros(): number
  stop(): Promise<void>
}

/** A bot as a process of its own, that answers at a door of its own. */
export interface Candidate {
  name: string
  label: string
  start(stub: TelegramStub): Promise<RunningBot>
}

const ROOT = join(import.meta.dirname, '..', '..')
const SECRET = 'secret_of_the_bench'
const SUBMIT_AT_ONCE = 20
/** Steps that only wait, so that all the runs are alive all the time, and a hundred steps a second end and begin. */
const SLOW_STEPS = 60
const SLOW_STEP_MS = 10_000
/** They all begin within a second; with steps of one length a thousand of them would end in the same one, as no team's do. */
const stepMs = (run: number): number => SLOW_STEP_MS - 3_000 + ((run * 37) % 600) * 10

const SLOW_JOB = {
  jobId: 'slow',
  displayName: 'Slow',
  description: 'Waits, and waits again.',
  inputSchema: { type: 'object', required: ['ms'], properties: { ms: { type: 'integer' } } },
  steps: Array.from({ length: SLOW_STEPS }, (_, index) => ({
    stepId: `step${index}`,
    toolId: 'wait',
    inputMappings: { ms: { input: 'ms' } },
    ...(index > 0 ? { dependencies: [`step${index - 1}`] } : {}),
  })),
  outputs: {},
}

export const musterBot = (runs: number): Candidate => ({
  name: 'muster',
  label: `Muster, with ${runs} runs alive; each update, its handling and its answer stored`,
  async start(stub) {
    const directory = mkdtempSync(join(tmpdir(), 'muster-bench-'))
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const child = spawn(process.execPath, [join(ROOT, 'server', 'cli', 'main.ts'), '--json', 'start'], {
      cwd: directory,
      env: {
        PATH: process.env.PATH ?? '',
        DATABASE_URL: process.env.DATABASE_URL ?? `sqlite:${join(directory, 'muster.db')}`,
        PORT: String(port),
        PUBLIC_URL: url,
        ACCESS: 'open',
        LOG_LEVEL: 'error',
        TELEGRAM_BOT_TOKEN: TOKEN,
        TELEGRAM_API_ROOT: stub.url,
        TELEGRAM_MODE: 'webhook',
        TELEGRAM_WEBHOOK_SECRET: SECRET,
        ...(process.env.BENCH_NODE_OPTIONS ? { NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS } : {}),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const code = await claimCode(child)
    let admin: Client
    return {
      edge: { url: `${url}/webhooks/telegram`, headers: { 'x-telegram-bot-api-secret-token': SECRET } },
      async ready() {
        admin = await signIn(url, '/v1/auth/claim', { code, handle: 'ada' })
        await startRuns(admin, runs)
      },
      alive: () => countAlive(admin),
      cpuMicros: () => cpuMicrosOf(child),
      async stop() {
        await end(child)
        rmSync(directory, { recursive: true, force: true })
      },
    }
  },
})

export const grammyBot: Candidate = {
  name: 'grammy',
  label: 'bare grammY with the same answer, nothing stored',
  start: (stub) => plainBot([join(import.meta.dirname, 'chat-grammy.ts')], stub),
}

export const hubotBot: Candidate = {
  name: 'hubot',
  label: 'Hubot’s command bus with the same answer, nothing stored',
  start: (stub) => plainBot([join(import.meta.dirname, 'peers', 'hubot.mjs')], stub),
}

async function plainBot(program: string[], stub: TelegramStub): Promise<RunningBot> {
  const port = await freePort()
  const child = spawn(process.execPath, [...program, String(port), stub.url, TOKEN], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}/`
  await untilListening(url, child)
  return { edge: { url, headers: {} }, cpuMicros: () => cpuMicrosOf(child), stop: () => end(child) }
}

async function untilListening(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The bot ended with ${child.exitCode}`)
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => resolve(true))
      socket.once('error', () => resolve(false)).once('connect', () => socket.end())
    })
    if (isThere) return
    await sleep(50)
  }
}

async function claimCode(child: ChildProcess): Promise<string> {
  let said = ''
  for await (const chunk of child.stdout ?? []) {
    said += chunk
    try {
      return (JSON.parse(said) as { claim: { code: string } }).claim.code
    } catch {
      // Not all of it yet.
    }
  }
  throw new Error(`Muster did not start: ${said}`)
}

async function startRuns(admin: Client, runs: number): Promise<void> {
  await need(admin.call('POST', '/v1/jobs', { json: SLOW_JOB }))
  const { body: me } = await need(admin.call('GET', '/v1/me'))
  const credit = { amountUsd: '100', reason: 'For the bench' }
  await need(
    admin.call('POST', `/v1/users/${me.account?.id ?? me.accountId}/economy/credit`, {
      json: credit,
      once: 'bench-credit',
    }),
  )
  let begun = 0
  const submit = async (): Promise<void> => {
    while (begun++ < runs)
      await need(admin.call('POST', '/v1/jobs/slow/run', { json: { inputs: { ms: stepMs(begun) } } }))
  }
  await Promise.all(Array.from({ length: SUBMIT_AT_ONCE }, submit))
}

async function countAlive(admin: Client): Promise<number> {
  let [count, cursor] = [0, '']
  do {
    const { body } = await need(admin.call('GET', `/v1/runs?limit=100${cursor}`))
    count += body.items.filter(({ finishedAt }: { finishedAt: string | null }) => finishedAt === null).length
    cursor = body.nextCursor === null ? '' : `&cursor=${encodeURIComponent(body.nextCursor)}`
  } while (cursor)
  return count
}

async function need(asked: ReturnType<Client['call']>): ReturnType<Client['call']> {
  const answer = await asked
  if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
  return answer
}

/** Counted by Linux in hundredths of a second. */
function cpuMicrosOf({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  await Promise.race([once(child, 'exit'), sleep(8_000)])
  child.kill('SIGKILL')
}
