import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const PRELOAD = fileURLToPath(new URL('listen-on-socket.js', import.meta.url))
const START_MAX_MS = 20_000

export interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
}

/** local-slack as a child process that can be reached through a Unix socket in a private directory, and by nothing else. */
export class LocalSlack {
  readonly socketPath: string
  readonly #directory: string
  readonly #child: ChildProcess

  private constructor(directory: string, socketPath: string, child: ChildProcess) {
    this.#directory = directory
    this.socketPath = socketPath
    this.#child = child
  }

  /** `port` is what it puts into the addresses it gives out; something else must be listening there already. */
  static async start(config: object, port: number): Promise<LocalSlack> {
    const directory = await mkdtemp(join(tmpdir(), 'slack-peer-'))
    const socketPath = join(directory, 'slack.sock')
    await writeFile(join(directory, 'config.json'), JSON.stringify(config))
    await writeFile(join(directory, 'bunfig.toml'), `preload = [${JSON.stringify(PRELOAD)}]\n`)
    const binary = fileURLToPath(import.meta.resolve('local-slack-linux-x64/bin/local-slack'))
    const args = ['--config', 'config.json', '--port', `${port}`, '--base-host', '127.0.0.1', '--files-dir', 'files']
    const child = spawn(binary, args, {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: directory, SLACK_PEER_SOCKET: socketPath },
      stdio: 'pipe',
    })
    const slack = new LocalSlack(directory, socketPath, child)
    await slack.#ready().catch(async (error: unknown) => {
      await slack.stop()
      throw error
    })
    return slack
  }

  async #ready(): Promise<void> {
    let said = ''
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-2000)
      })
    }
    const untilMs = performance.now() + START_MAX_MS
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`local-slack ended at its start:\n${said}`)
      const answer = await this.request('GET', '/_control/state').catch(() => undefined)
      if (answer?.status === 200) return
      if (performance.now() > untilMs) throw new Error(`local-slack does not answer:\n${said}`)
      await sleep(25)
    }
  }

  request(method: string, path: string, headers: http.OutgoingHttpHeaders = {}, body?: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = http.request({ socketPath: this.socketPath, method, path, headers }, async (response) => {
        try {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) })
        } catch (error) {
          reject(error)
        }
      })
      request.on('error', reject)
      request.end(body)
    })
  }

  async json<T>(method: string, path: string, body?: object): Promise<T> {
    const sent = body && Buffer.from(JSON.stringify(body))
    const headers = sent ? { 'content-type': 'application/json', 'content-length': sent.byteLength } : {}
    const answer = await this.request(method, path, headers, sent)
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.body.toString()}`)
    return JSON.parse(answer.body.toString()) as T
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = new Promise((resolve) => this.#child.once('exit', resolve))
      this.#child.kill('SIGKILL')
      await ended
    }
    await rm(this.#directory, { recursive: true, force: true })
  }
}
