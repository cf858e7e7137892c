import type { ErrorEvent } from '@sentry/node'
import type { Config } from '../config.ts'
import { listenToErrors } from '../log.ts'
import { programVersion } from '../version.ts'
import { createScrub, type Scrub } from './scrub.ts'

const FLUSH_MS = 1_000
/** Facts that say where to look and hold nothing that people wrote. */
const TAGS = ['requestId', 'runId', 'stepId', 'work', 'channel', 'resource', 'method', 'route'] as const

/**
 * Reports what is logged as an error to Sentry: what kind of error, where in the program, and which request or run. No
 * bodies, headers, inputs or addresses. Sentry out of reach costs nothing but the report. Returns how to end it.
 */
export async function openErrorReports(config: Config & { sentryDsn: string }): Promise<() => Promise<void>> {
  const { defaultStackParser, makeNodeTransport, NodeClient, Scope } = await import('@sentry/node')
  const scrub = createScrub(config)
  const client = new NodeClient({
    dsn: config.sentryDsn,
    release: `muster@${programVersion()}`,
    transport: makeNodeTransport,
    stackParser: defaultStackParser,
    // Each of those it comes with would collect something by itself.
    integrations: [],
    sendClientReports: false,
    beforeSend: (event) => reportOf(event as ErrorEvent, scrub),
  })
  client.init()
  const unlisten = listenToErrors(({ facts, message }) => {
    try {
      const scope = new Scope()
      for (const tag of TAGS) if (typeof facts[tag] === 'string') scope.setTag(tag, scrub(facts[tag]))
      scope.setTag('what', scrub(message))
      client.captureException(facts.err ?? new Error(message), undefined, scope)
    } catch {
      // The log has it; a report that cannot be made must not be one more error.
    }
  })
  return async () => {
    unlisten()
    await client.close(FLUSH_MS)
  }
}

/** Made anew from what may be told, so that nothing comes along that a later version of the library adds. */
function reportOf({ event_id, timestamp, exception, tags, release, level }: ErrorEvent, scrub: Scrub): ErrorEvent {
  const values = (exception?.values ?? []).map(({ type = 'Error', value = '', stacktrace }) => ({
    type,
    value: withoutQuotes(scrub(value)),
    ...(stacktrace
      ? {
          stacktrace: {
            frames: (stacktrace.frames ?? []).map(({ filename, function: name, lineno, colno, in_app }) => ({
              ...(filename === undefined ? {} : { filename: scrub(filename) }),
              ...(name === undefined ? {} : { function: name }),
              ...(lineno === undefined ? {} : { lineno }),
              ...(colno === undefined ? {} : { colno }),
              ...(in_app === undefined ? {} : { in_app }),
            })),
          },
        }
      : {}),
  }))
  return {
    type: undefined,
    platform: 'node',
    ...(event_id === undefined ? {} : { event_id }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(release === undefined ? {} : { release }),
    level: level ?? 'error',
    exception: { values },
    ...(tags ? { tags } : {}),
  }
}

/** What an error quotes, it quotes from what it was given: a parser its input, a database a row. */
const withoutQuotes = (text: string): string =>
  text.replaceAll(/"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”|\([^()]*\)=\([^)]*\)/g, '…')
