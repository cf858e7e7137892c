import { type Executed, type Executor, executor, type Preparable } from './db.ts'

/** The transaction as a write body sees it: it collects what is to happen after the commit, and ends with the body. */
export class BodyTx {
  readonly dialect: Executor['dialect']
  readonly actions: (() => void)[] = []
  readonly enqueued = new Map<string, number>()
  cause?: readonly string[]
  readonly [executor]: BodyExecutor

  constructor(on: Executor) {
    this.dialect = on.dialect
    this[executor] = new BodyExecutor(on)
  }

  afterCommit(action: () => void): void {
    this.actions.push(action)
  }

  end(): void {
    this[executor].hasEnded = true
  }
}

class BodyExecutor implements Executor {
  readonly dialect: Executor['dialect']
  hasEnded = false
  readonly #on: Executor

  constructor(on: Executor) {
    this.dialect = on.dialect
    this.#on = on
  }

  execute(statement: Preparable, values: unknown[]): Executed | Promise<Executed> {
    this.#refuseLate()
    return this.#on.execute(statement, values)
  }

  executeText(sql: string, values: readonly unknown[]): Executed | Promise<Executed> {
    this.#refuseLate()
    return this.#on.executeText(sql, values)
  }

  #refuseLate(): void {
    if (this.hasEnded) throw new Error('This transaction has ended')
  }
}
