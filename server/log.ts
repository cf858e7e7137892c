import { type Logger, type LoggerOptions, pino } from 'pino'
import type { Config } from './config.ts'

/** What never reaches a log, wherever it hides in the facts. */
const SECRET_PATHS = ['token', 'secret', 'password', 'authorization', 'cookie', 'code', 'key'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
])

/** Logs to standard error, one JSON line each; readable lines when a person is watching. */
export function createLog({ logLevel }: Pick<Config, 'logLevel'>): Logger {
  const options: LoggerOptions = {
    level: logLevel,
    base: null,
    redact: { paths: SECRET_PATHS, censor: '[hidden]' },
    serializers: { err: pino.stdSerializers.err },
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
