import { setTimeout as sleep } from 'node:timers/promises'
import type { CrashDatabase } from './database.ts'
import { CrashHarness } from './harness.ts'
import { judge, type Report, seconds } from './judge.ts'
import { Random } from './random.ts'

export interface StoryOptions {
  runs: number
  kills: number
  seed: number
  people?: number
  /** Processes that work side by side. */
  nodes?: number
  /** How updates come; by default polled by one process, posted to one of several. */
  mode?: 'polling' | 'webhook'
  leaseMs?: number | undefined
  /** How long what was cut off may take to be done, once nothing is killed any more. */
  recoverMs?: number | undefined
  /** The program's folder, when it is another one than this. */
  root?: string
  tell?: (line: string) => void
}

/** A process still starts: it migrates, seeds, takes over. */
const STARTING_MAX_MS = 900
/** From the moment it listens: the whole backlog is taken up at once, and new commands come in. */
const BUSY_MAX_MS = 700
/** Commands come in all the time, and the program is killed again and again. The same seed plans the same story. */
export async function tellStory(database: CrashDatabase, options: StoryOptions): Promise<Report> {
  const {
    runs,
    kills,
    seed,
    nodes = 1,
    people = Math.min(60, Math.max(6, Math.round(runs / 8))),
    tell = () => {},
  } = options
  const random = new Random(seed)
  const beganMs = performance.now()
  const harness = await CrashHarness.create(database, {
    people,
    nodes,
    ...(options.mode ? { mode: options.mode } : {}),
    ...(options.leaseMs ? { environment: { LEASE_MS: String(options.leaseMs) } } : {}),
    ...(options.root ? { root: options.root } : {}),
  })
  try {
    tell(`${people} people are ready after ${seconds(beganMs)}`)
    const plans = planLives(random, { runs, kills, nodes })
    for (const [life, plan] of plans.entries()) {
      await live(harness, random, plan)
      const { left } = harness.kills.at(-1) ?? {}
      tell(`kill ${life + 1} of ${kills}, ${plan.moment}: ${left ? JSON.stringify(left) : 'not looked at'}`)
    }
    return await judge(harness, { seed, runs, recoverMs: options.recoverMs, tell, beganMs, random })
  } finally {
    await harness.end()
  }
}

/** One life of the program, or of one of its processes. */
interface Plan {
  /** While it starts; some time after it was ready; while a message is on its way to Telegram. */
  moment: 'starting' | 'busy' | 'sending'
  victims: number[]
  /** After its start, after it was ready. */
  killAfterMs: number
  /** At which call to Telegram, counted from when it was ready; by `killAfterMs` at the latest. */
  killAtCall: number
  /** Commands that came in while it was down, and that come in once it is ready; each with its word. */
  before: string[]
  during: string[]
  redeliver: number
  look: boolean
}

function planLives(random: Random, { runs, kills, nodes }: { runs: number; kills: number; nodes: number }): Plan[] {
  const plans = Array.from({ length: Math.max(1, kills) }, () => planLife(random, nodes))
  for (let number = 1; number <= runs; number++) {
    const plan = random.pick(plans)
    const isDuring = plan.moment !== 'starting' && random.next() < 0.7
    plan[isDuring ? 'during' : 'before'].push(`w${String(number).padStart(5, '0')}`)
  }
  return plans
}

function planLife(random: Random, nodes: number): Plan {
  const moment = random.pick(['starting', 'busy', 'busy', 'sending', 'sending'] as const)
  const all = Array.from({ length: nodes }, (_, node) => node)
  return {
    moment,
    victims: random.next() < 0.3 ? all : [random.pick(all)],
    killAfterMs: random.whole(0, moment === 'starting' ? STARTING_MAX_MS : BUSY_MAX_MS),
    killAtCall: random.whole(1, 12),
    before: [],
    during: [],
    redeliver: random.whole(0, 4),
    look: random.next() < 0.6,
  }
}

async function live(harness: CrashHarness, random: Random, plan: Plan): Promise<void> {
  const { moment, victims, killAfterMs, look } = plan
  for (const word of plan.before) harness.sayAny(random, word)
  const started = harness.startAll()
  if (moment === 'starting') {
    started.catch(() => {})
    await sleep(killAfterMs)
    return harness.kill(victims, { look })
  }
  await started
  await harness.redeliver(random, { count: plan.redeliver, times: random.whole(1, 5) })
  const sent = sendSpread(harness, random, plan)
  await (moment === 'busy' ? sleep(killAfterMs) : untilCall(harness, plan.killAtCall))
  await Promise.all([harness.kill(victims, { look }), sent])
}

/** Half of the commands come at once, the others one by one until the kill. */
async function sendSpread(harness: CrashHarness, random: Random, { during, killAfterMs }: Plan): Promise<void> {
  for (const [index, word] of during.entries()) {
    if (index >= during.length / 2) await sleep(random.whole(0, (2 * killAfterMs) / during.length + 1))
    harness.sayAny(random, word)
  }
}

/** Until this many messages have been sent or edited, the last of them not yet answered; or nothing more is sent. */
async function untilCall(harness: CrashHarness, count: number): Promise<void> {
  const { calls } = harness.peer
  const before = calls.length
  const untilMs = performance.now() + BUSY_MAX_MS
  while (performance.now() < untilMs) {
    const made = calls.slice(before).filter(({ method }) => /^(send|edit)/.test(method))
    if (made.length >= count && made.some(({ outcome }) => outcome === 'running')) return
    await sleep(1)
  }
}
