import pg from 'pg'
import type { Executed, Executor, Preparable } from './db.ts'
import { connectionTo, PostgresExecutor } from './postgres-executor.ts'
import { withPatience } from './postgres-patience.ts'

/** What the types leave out: the socket, which can hold back what is written for a moment. */
interface Wire {
  connection: { stream: { cork(): void; uncork(): void } }
}

/**
 * One connection on which statements are on their way before the answers to earlier ones have come. What one turn of the
 * event loop asks for goes out in one piece: a system call and a wake-up of the server, not one for each statement.
 */
export class Pipeline {
  readonly #client: pg.Client
  #isCorked = false
  isBroken = false

  private constructor(client: pg.Client) {
    this.#client = client
    const broken = (): void => {
      this.isBroken = true
    }
    client.on('error', broken)
    client.on('end', broken)
  }

  static async connect(url: string): Promise<Pipeline> {
    const client = new pg.Client(connectionTo(url))
    const pipeline = new Pipeline(client)
    await client.connect()
    return pipeline
  }

  query(config: string | pg.QueryConfig): Promise<pg.QueryResult> {
    this.#holdBack()
    return this.#client.query(config as pg.QueryConfig)
  }

  async end(): Promise<void> {
    await this.#client.end().catch(() => {})
  }

  #holdBack(): void {
    if (this.#isCorked) return
    this.#isCorked = true
    const { stream } = (this.#client as unknown as Wire).connection
    stream.cork()
    setImmediate(() => {
      this.#isCorked = false
      stream.uncork()
    })
  }
}

/** Reads that follow each other closely share connections; lists that are made for one call have one of the pool's. */
export class PipelinedReader implements Executor {
  readonly dialect = 'postgres'
  readonly #lanes: Lane[]
  readonly #lists: PostgresExecutor

  constructor(url: string, pool: pg.Pool, lanes: number) {
    this.#lanes = Array.from({ length: lanes }, () => new Lane(url))
    this.#lists = new PostgresExecutor(pool)
  }

  async execute(statement: Preparable, values: unknown[]): Promise<Executed> {
    // The one with the least ahead: a slow statement holds up those behind it.
    const best = (): Lane => this.#lanes.reduce((least, one) => (one.pending < least.pending ? one : least))
    return withPatience(() => best().execute(statement, values))
  }

  executeText(sql: string, values: readonly unknown[]): Promise<Executed> {
    return withPatience(() => this.#lists.executeText(sql, values))
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()))
  }
}

class Lane {
  readonly #url: string
  #pipeline: Promise<Pipeline> | undefined
  pending = 0

  constructor(url: string) {
    this.#url = url
  }

  async execute(statement: Preparable, values: unknown[]): Promise<Executed> {
    this.pending++
    try {
      return await new PostgresExecutor(await this.#connected()).execute(statement, values)
    } finally {
      this.pending--
    }
  }

  async close(): Promise<void> {
    await (await this.#pipeline?.catch(() => undefined))?.end()
  }

  async #connected(): Promise<Pipeline> {
    if ((await this.#pipeline)?.isBroken) this.#pipeline = undefined
    this.#pipeline ??= Pipeline.connect(this.#url)
    // One that cannot be made is made anew next time.
    this.#pipeline.catch(() => {
      this.#pipeline = undefined
    })
    return this.#pipeline
  }
}
