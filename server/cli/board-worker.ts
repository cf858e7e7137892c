import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { systemClock } from '#core/clock.ts'
import { contextFromRequest } from '#core/contexts/explicit.ts'
import { systemIds } from '#core/ids.ts'
import { EXECUTOR_TOOLS } from '#core/tasks/fields.ts'
import { TOOLS } from '#core/tools/index.ts'
import { createToolRegistry } from '#core/tools/registry.ts'
import { closeSandbox } from '#core/tools/sandbox/shared.ts'
import { readConfig } from '../config.ts'
import { action, collect, type Outcome } from './action.ts'
import { BoardClient } from './board/client.ts'
import { execute } from './board/execute.ts'
import { CliError, type Output } from './output.ts'

interface Options {
  url?: string
  as?: string
  tool?: string[]
  once?: boolean
  ttl: string
}

/** With nothing to do it asks about so often. */
const IDLE_MS = 2_000

export function addWorkerCommand(program: Command, outcome: Outcome): void {
  program
    .command('worker')
    .description('do tasks of the board whose executor is a tool, over the API; the key is in MUSTER_API_KEY')
    .option('--url <address>', 'the server; PUBLIC_URL of the settings when left out')
    .option('--as <context>', 'whose board: team/<id> or user/<id>; what the key’s owner has chosen when left out')
    .option('--tool <id>', `one of ${EXECUTOR_TOOLS.join(', ')}; may be repeated, all of them when left out`, collect)
    .option('--once', 'end when nothing is left to do; 1 when any task failed')
    .option('--ttl <seconds>', 'after so long without a sign of life another worker goes on', '60')
    .action(action(outcome, work))
}

async function work(output: Output, options: Options): Promise<number> {
  const { apiKey, publicUrl } = readConfig()
  if (!apiKey) throw new CliError('bad_settings', 'Put the API key into MUSTER_API_KEY: muster key create makes one.')
  const tools = toolsOf(options.tool)
  const ttlSeconds = Number(options.ttl)
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1) throw new CliError('bad_input', '--ttl is a number of seconds.')
  const stop = stopSignal(output)
  const client = new BoardClient({
    url: (options.url ?? publicUrl).replace(/\/+$/, ''),
    key: apiKey,
    context: options.as === undefined ? undefined : contextFromRequest(options.as),
    ids: systemIds,
    stop,
    onTrouble: (message) => output.note(`${message}; trying again`),
  })
  const done = { succeeded: 0, failed: 0, lost: 0 }
  const execution = { client, tools: createToolRegistry(TOOLS), ids: systemIds, nowMs: systemClock.nowMs, stop }
  try {
    while (!stop.aborted) {
      const taken = await client.take(tools, ttlSeconds)
      if (taken) {
        const outcome = await execute(execution, taken)
        done[outcome]++
        output.note(`${outcome}: ${taken.task.title}`)
      } else if (options.once) break
      else await sleep(IDLE_MS * (0.5 + systemIds.random()), undefined, { signal: stop })
    }
  } catch (error) {
    if (!stop.aborted) throw error
  } finally {
    closeSandbox()
  }
  output.answer(done, `${done.succeeded} done, ${done.failed} failed, ${done.lost} lost to other workers`)
  return options.once && done.failed > 0 ? 1 : 0
}

function toolsOf(wanted: readonly string[] | undefined): string[] {
  const known: readonly string[] = EXECUTOR_TOOLS
  const unknown = wanted?.filter((tool) => !known.includes(tool)) ?? []
  if (unknown.length === 0) return [...(wanted ?? known)]
  throw new CliError('bad_input', `--tool is one of ${known.join(', ')}, not ${unknown.join(', ')}.`)
}

function stopSignal(output: Output): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      output.note(`${signal}: stopping …`)
      stop.abort()
    })
  }
  return stop.signal
}
