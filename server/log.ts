import { channel } from 'node:diagnostics_channel'
import { type Logger, type LoggerOptions, pino } from 'pino'
import type { Config } from './config.ts'
import { createScrub } from './telemetry/scrub.ts'

/** What never reaches a log, wherever it hides in the facts. */
const SECRET_PATHS = ['token', 'secret', 'password', 'authorization', 'cookie', 'code', 'key'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
])

const ERROR = 50
const errors = channel('muster.error')

/** What was logged as an error: its facts, and in words what had been tried. */
export interface ErrorTold {
  facts: Record<string, unknown>
  message: string
}

/** Hears of every error that is logged, until the returned function is called. Whoever listens must not throw. */
export function listenToErrors(listen: (told: ErrorTold) => void): () => void {
  const heard = (told: unknown): void => listen(told as ErrorTold)
  errors.subscribe(heard)
  return () => void errors.unsubscribe(heard)
}

/** Logs to standard error, one JSON line each; readable lines when a person is watching. */
export function createLog(config: Config): Logger {
  const options: LoggerOptions = {
    level: config.logLevel,
    base: null,
    redact: { paths: SECRET_PATHS, censor: '[hidden]' },
    serializers: { err: pino.stdSerializers.err },
    hooks: {
      // The last look at a line: what a library put into its words has no path by which it could be found.
      streamWrite: createScrub(config),
      logMethod(args, method, level) {
        if (level >= ERROR && errors.hasSubscribers) tellError(args)
        method.apply(this, args)
      },
    },
  }
  if (!process.stderr.isTTY) return pino(options, pino.destination({ dest: 2, sync: true }))
  return pino({
    ...options,
    transport: {
      target: 'pino-pretty',
      options: { destination: 2, ignore: 'pid,hostname', translateTime: 'HH:MM:ss' },
    },
  })
}

function tellError([facts, message]: readonly unknown[]): void {
  if (typeof facts !== 'object' || facts === null) return
  errors.publish({ facts: facts as Record<string, unknown>, message: String(message ?? '') })
}
