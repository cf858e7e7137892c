import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { Tracing } from '../env.ts'

export interface Telemetry {
  tracing: Tracing | undefined
  close(): Promise<void>
}

/** What the operator has asked for, and nothing else is loaded. Whatever is wrong with it, the program starts. */
export async function openTelemetry(config: Config, log: Logger): Promise<Telemetry> {
  const { sentryDsn, otlpEndpoint } = config
  const closeReports = sentryDsn
    ? await orNot(log, 'Errors are not reported', async () => {
        const { openErrorReports } = await import('./errors.ts')
        return openErrorReports({ ...config, sentryDsn })
      })
    : undefined
  const tracing = otlpEndpoint
    ? await orNot(log, 'Nothing is traced', async () => {
        const { openTracing } = await import('./tracing.ts')
        return openTracing({ ...config, otlpEndpoint })
      })
    : undefined
  return {
    tracing,
    async close() {
      await Promise.allSettled([closeReports?.(), tracing?.close()])
    },
  }
}

async function orNot<T>(log: Logger, words: string, open: () => Promise<T>): Promise<T | undefined> {
  try {
    return await open()
  } catch (err) {
    log.error({ err }, words)
    return undefined
  }
}
