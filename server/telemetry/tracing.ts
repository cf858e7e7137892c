import { createHash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { systemIds } from '#core/ids.ts'
import { listenToRuns, type RunTold, type StepTold } from '#core/runs/telling.ts'
import type { Config } from '../config.ts'
import type { Env, Tracing } from '../env.ts'
import { programVersion } from '../version.ts'

const EXPORT_TIMEOUT_MS = 5_000
const CLOSE_MS = 1_000
/** All that is said of a request, a run or a step; the rest (addresses, messages of errors) stays here. */
const TOLD = /^(http\.request\.method|http\.route|http\.response\.status_code|muster\.[a-z_]+)$/

/**
 * Sends spans to a collector: of each request, and of each run with its steps below it. A run is worked on by several
 * processes and over restarts, so its trace is found by its id alone and its own span is sent when it has ended. A collector
 * that is away costs the spans.
 */
export async function openTracing({ otlpEndpoint }: Config & { otlpEndpoint: string }): Promise<Tracing> {
  const [api, { NodeSDK }, { OTLPTraceExporter }, { httpInstrumentationMiddleware }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@hono/otel'),
  ])
  type Exporter = InstanceType<typeof OTLPTraceExporter>
  const exporter = new OTLPTraceExporter({ url: `${otlpEndpoint}/v1/traces`, timeoutMillis: EXPORT_TIMEOUT_MS })
  const bare: Pick<Exporter, 'export' | 'shutdown' | 'forceFlush'> = {
    export: (spans, done) => exporter.export(spans.map(bareSpan), done),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  }
  const ids = new SpanIds()
  const sdk = new NodeSDK({
    serviceName: 'muster',
    traceExporter: bare,
    idGenerator: ids,
    autoDetectResources: false,
    instrumentations: [],
    metricReaders: [],
    logRecordProcessors: [],
    // Whoever sends a request does not decide to which trace it belongs.
    textMapPropagator: null,
  })
  sdk.start()
  const tracer = api.trace.getTracer('muster', programVersion())
  let unlisten = (): void => {}

  function toldStep({ runId, stepId, toolId, attempt, outcome, errorCode, startedAtMs, endedAtMs }: StepTold): void {
    const parent = api.trace.setSpanContext(api.ROOT_CONTEXT, { ...idsOf(runId), traceFlags: api.TraceFlags.SAMPLED })
    const attributes = {
      'muster.run_id': runId,
      'muster.step_id': stepId,
      'muster.tool_id': toolId,
      'muster.attempt': attempt,
      'muster.outcome': outcome,
      ...(errorCode ? { 'muster.error_code': errorCode } : {}),
    }
    const span = tracer.startSpan(`step ${toolId}`, { startTime: startedAtMs, attributes }, parent)
    if (outcome === 'failed') span.setStatus({ code: api.SpanStatusCode.ERROR })
    span.end(endedAtMs)
  }

  function toldRun({ runId, jobKey, status, createdAtMs, finishedAtMs }: RunTold): void {
    ids.next = idsOf(runId)
    const attributes = { 'muster.run_id': runId, 'muster.job': jobKey, 'muster.status': status }
    const span = tracer.startSpan('run', { startTime: createdAtMs, attributes, root: true }, api.ROOT_CONTEXT)
    ids.next = undefined
    if (status === 'failed') span.setStatus({ code: api.SpanStatusCode.ERROR })
    span.end(finishedAtMs)
  }

  return {
    requests: httpInstrumentationMiddleware({ captureActiveRequests: false }) as MiddlewareHandler<Env>,
    follow({ log }) {
      unlisten = listenToRuns(log, { step: toldStep, run: toldRun })
    },
    async close() {
      unlisten()
      const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref())
      await Promise.race([sdk.shutdown().catch(() => {}), late])
      api.trace.disable()
      api.context.disable()
    },
  }
}

/** The trace of a run and its span in it: always the same ones. */
function idsOf(runId: string): { traceId: string; spanId: string } {
  const hash = createHash('sha256').update(runId).digest('hex')
  return { traceId: hash.slice(0, 32), spanId: hash.slice(32, 48) }
}

/** New ids, or those that were asked for. */
class SpanIds {
  next: { traceId: string; spanId: string } | undefined

  generateTraceId = (): string => this.next?.traceId ?? randomHex(16)
  generateSpanId = (): string => this.next?.spanId ?? randomHex(8)
}

const randomHex = (bytes: number): string =>
  Buffer.from(systemIds.newSecret(), 'base64url')
    .toString('hex')
    .slice(0, 2 * bytes)

/** The same span without what nobody outside may read. */
function bareSpan<T extends { name: string; attributes: object; status: { code: number } }>(span: T): T {
  const attributes = Object.fromEntries(Object.entries(span.attributes).filter(([name]) => TOLD.test(name)))
  return Object.create(span, {
    attributes: { value: attributes },
    events: { value: [] },
    links: { value: [] },
    status: { value: { code: span.status.code } },
  })
}
