import { type Executor, executor } from './db.ts'

/** The transaction as a write body sees it: it collects what is to happen after the commit, and ends with the body. */
export class BodyTx {
  readonly dialect: Executor['dialect']
  readonly actions: (() => void)[] = []
  readonly [executor]: Executor
  #ended = false

  constructor(on: Executor) {
    const refuseLate = (): void => {
      if (this.#ended) throw new Error('This transaction has ended')
    }
    this.dialect = on.dialect
    this[executor] = {
      dialect: on.dialect,
      execute(statement, values) {
        refuseLate()
        return on.execute(statement, values)
      },
      executeText(sql, values) {
        refuseLate()
        return on.executeText(sql, values)
      },
    }
  }

  afterCommit(action: () => void): void {
    this.actions.push(action)
  }

  end(): void {
    this.#ended = true
  }
}
