import { PassThrough, type Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'

/** Who closed the pipe and waits this long for an answer has gone. */
const PATIENCE_MS = 60_000

export interface Pipes {
  input: Readable
  output: Writable
  /** Settles once nothing comes in any more and everything that was asked is answered. */
  ended: Promise<void>
}

/**
 * Standard input and output for a server of messages, one a line. The protocol's kit drops what is still under way when its
 * input ends; a script that writes its questions and closes the pipe wants the answers, so that the end is held back until
 * each is there.
 */
export function pipesOf(stdin: Readable, stdout: Writable): Pipes {
  const open = new Set<unknown>()
  const input = new PassThrough()
  let isOver = false
  const look = (): void => {
    if (isOver && open.size === 0) input.end()
  }
  const asked = lines((message) => {
    if (message.method === 'notifications/cancelled') open.delete(message.params?.requestId)
    else if (message.method !== undefined && message.id !== undefined) open.add(message.id)
  })
  const answered = lines((message) => {
    if (message.method === undefined) open.delete(message.id)
  })
  const output = new Writable({
    write(chunk: Buffer, _, done) {
      answered(chunk)
      stdout.write(chunk, done)
      look()
    },
  })
  const over = (): void => {
    isOver = true
    setTimeout(() => input.end(), PATIENCE_MS).unref()
    look()
  }
  stdin.on('data', (chunk: Buffer) => {
    asked(chunk)
    input.write(chunk)
  })
  stdin.once('end', over)
  stdin.once('error', over)
  // Nobody reads any more: there is no one to answer.
  stdout.once('error', () => input.end())
  return { input, output, ended: finished(input).catch(() => {}) }
}

interface Message {
  id?: unknown
  method?: string
  params?: { requestId?: unknown }
}

/** Hands over each line that is a message; what is none is for the server to refuse. */
function lines(take: (message: Message) => void): (chunk: Buffer) => void {
  let rest: Buffer[] = []
  return (chunk) => {
    let from = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, end)]).toString('utf8')
      rest = []
      from = end + 1
      try {
        take(JSON.parse(line) as Message)
      } catch {
        // Not for us to say.
      }
    }
    rest.push(chunk.subarray(from))
  }
}
