import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Candidate, grammyBot, hubotBot, musterBot, type RunningBot } from './chat-bots.ts'
import { CHATS, Crowd, chatAt } from './chat-load.ts'
import { TelegramStub } from './chat-stub.ts'
import { installPeers } from './peers.ts'
import { median, quantile } from './rounds.ts'

const PER_SECOND = Number(process.env.PER_SECOND ?? 200)
const ROUNDS = Number(process.env.ROUNDS ?? 5)
const SECONDS = Number(process.env.LAP_MS ?? 8_000) / 1_000
const RUNS = Number(process.env.RUNS ?? 1_000)
const GOAL_MS = 25
const COMMAND = '/whoami'

/**
 * From an update at the HTTP edge to the message that answers it, while a thousand runs are alive; beside bots that answer the
 * same and keep nothing. And what others have of it when one chat is told to wait.
 */
export async function benchChat(): Promise<boolean> {
  const missing = installPeers('hubot')
  const chosen = process.env.ONLY?.split(',') ?? ['muster', 'grammy', 'hubot']
  const candidates: Candidate[] = [musterBot(RUNS), grammyBot, ...(missing ? [] : [hubotBot])]
  console.log(
    `${PER_SECOND} commands a second from ${CHATS} chats over Telegram's webhook, median of ${ROUNDS} rounds of ${SECONDS} s; load of the machine ${loadavg()[0]?.toFixed(1)}`,
  )
  console.log(
    `ms, update in to message out:\n${'p50'.padStart(8)}${'p90'.padStart(8)}${'p99'.padStart(8)}  ${'CPU µs a command'.padStart(17)}`,
  )
  for (const candidate of candidates.filter(({ name }) => chosen.includes(name))) await measure(candidate)
  if (missing) console.error(`Not measured: hubot: ${missing}`)
  return missing === undefined
}

async function measure({ label, name, start }: Candidate): Promise<void> {
  const stub = await TelegramStub.start()
  const bot = await start(stub)
  try {
    const crowd = new Crowd(stub, bot.edge)
    await crowd.all('/start')
    await bot.ready?.()
    await crowd.lap(COMMAND, PER_SECOND, SECONDS / 2)
    const idleMicros = await costOf(bot, () => sleep(SECONDS * 1_000))
    const laps: number[][] = []
    const micros: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const spent = await costOf(bot, async () => void laps.push(await crowd.lap(COMMAND, PER_SECOND, SECONDS)))
      micros.push((spent - idleMicros) / (laps.at(-1)?.length ?? 1))
    }
    print(laps, `${median(micros).toFixed(0).padStart(8)}  ${label}`)
    if (idleMicros > 0)
      console.log(`  and ${(idleMicros / SECONDS / 10_000).toFixed(1)} % of a processor for what goes on meanwhile`)
    if (name !== 'muster') return
    const p99 = quantile(laps.flat(), 0.99)
    console.log(`  the goal is a p99 of ${GOAL_MS} ms; over all rounds it is ${p99.toFixed(1)} ms`)
    await besideStorm(crowd, stub)
    console.log(`  ${await bot.alive?.()} runs are still alive`)
  } finally {
    await bot.stop()
    await stub.stop()
  }
}

/** Laps with and without, in turns: a noisy moment meets both. */
async function besideStorm(crowd: Crowd, stub: TelegramStub): Promise<void> {
  const [calm, stormy]: [number[][], number[][]] = [[], []]
  for (let round = 0; round < ROUNDS; round++) {
    calm.push(await crowd.lap(COMMAND, PER_SECOND, SECONDS / 2, chatAt(0)))
    stub.limited = chatAt(0)
    stormy.push(await crowd.lap(COMMAND, PER_SECOND, SECONDS / 2, chatAt(0)))
  }
  print(calm, '          the chats beside one that is not limited')
  print(stormy, '          the chats beside one that Telegram tells to wait, each time')
}

async function costOf(bot: RunningBot, act: () => Promise<void>): Promise<number> {
  const before = bot.cpuMicros()
  await act()
  return bot.cpuMicros() - before
}

function print(laps: number[][], label: string): void {
  const part = (of: number): string =>
    median(laps.map((waits) => quantile(waits, of)))
      .toFixed(1)
      .padStart(8)
  console.log(`${part(0.5)}${part(0.9)}${part(0.99)}  ${label}`)
}
