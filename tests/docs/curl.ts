import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Answer, type Example, readAnswer, valueAt } from './examples.ts'
import { type Program, ROOT } from './program.ts'

export const hasCurl = (): boolean => spawnSync('curl', ['--version']).status === 0

/** An answer that never ends is read for a while. */
const STREAM_WAS_CUT = 28

/** A shell in which the examples are typed one after the other. */
export class Shell {
  readonly #environment: Record<string, string>

  constructor({ url, environment }: Program, key: string) {
    const home = join(environment.HOME ?? '', 'curl')
    mkdirSync(home, { recursive: true })
    // As if every example had these: the guide shows status and headers, and no progress.
    writeFileSync(join(home, '.curlrc'), 'include\nsilent\n')
    this.#environment = { ...environment, CURL_HOME: home, MUSTER: url, AUTH: `Authorization: Bearer ${key}` }
  }

  /** Runs one example with what earlier ones kept, and keeps what it says. */
  type({ command, keep, line }: Example): Answer {
    const ended = spawnSync('bash', ['-c', command], { cwd: ROOT, env: this.#environment, encoding: 'utf8' })
    if (ended.status !== 0 && ended.status !== STREAM_WAS_CUT) {
      throw new Error(`Line ${line}: ${command}\nended with ${ended.status}: ${ended.stderr}`)
    }
    const answer = readAnswer(ended.stdout)
    for (const [name, path] of Object.entries(keep)) this.#environment[name] = valueAt(answer.body, path)
    return answer
  }
}
