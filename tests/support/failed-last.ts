import type { Reporter } from 'vitest/node'

/** What failed, once more and by name, as the last lines of a long log. */
export class FailedLast implements Reporter {
  onTestRunEnd: NonNullable<Reporter['onTestRunEnd']> = (modules, unhandled) => {
    for (const module of modules) {
      for (const { message } of module.errors()) this.#tell(module.relativeModuleId, message)
      for (const test of module.children.allTests('failed')) {
        this.#tell(`${module.relativeModuleId} > ${test.fullName}`, test.result().errors?.[0]?.message)
      }
    }
    for (const { message } of unhandled) this.#tell('Outside of any test', message)
  }

  #tell(where: string, message = ''): void {
    console.error(`FAILED ${where}\n       ${message.split('\n', 8).join('\n       ')}`)
  }
}
