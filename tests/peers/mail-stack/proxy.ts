import { connect, createServer, type Socket } from 'node:net'

/**
 * Where a connection breaks at a command: the server never gets it, the server carries it out and nobody hears of it, or its
 * answer ends halfway.
 */
export type Cut = 'before' | 'behind' | 'within'
export const CUTS: readonly Cut[] = ['before', 'behind', 'within']

/** Stands between a client and its IMAP server, and breaks off, or goes silent, when it is told to. */
export interface CuttingProxy {
  port: number
  /** What clients have said so far: `UID FETCH`, `IDLE`, `DONE`. */
  commands: string[]
  /** Where it broke. `isInLiteral`: in the middle of a mail. */
  cuts: { command: string; cut: Cut; isInLiteral: boolean }[]
  /** Breaks the connection at this command, by its place counted anew or by its name. */
  cutAt(command: number | string, cut?: Cut): void
  /** Lets nothing through any more, and says nothing of it. */
  silence(): void
  /** What the server says by itself to a client that idles is lost from now on; its answers come through. */
  muffle(): void
  close(): Promise<void>
}

export async function openProxy(target: number): Promise<CuttingProxy> {
  const commands: string[] = []
  const cuts: CuttingProxy['cuts'] = []
  const sockets = new Set<Socket>()
  const silent = new WeakSet<Socket>()
  let armed: { command: number | string; cut: Cut } | undefined
  let isMuffled = false

  const isNow = (command: string): boolean => {
    if (!armed) return false
    if (typeof armed.command === 'string') return armed.command === command
    return --armed.command === 0
  }
  const server = createServer((client) => {
    const behind = connect(target, '127.0.0.1')
    /** Set while the answer to a command is to be cut. */
    let cutting: { command: string; cut: Cut } | undefined
    let idles: 'no' | 'asked' | 'yes' = 'no'
    const end = (): void => {
      client.destroy()
      behind.destroy()
    }
    for (const socket of [client, behind]) {
      sockets.add(socket)
      socket.on('error', end).on('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    behind.on('data', (bytes) => {
      if (silent.has(client)) return
      if (cutting) {
        const half = cutting.cut === 'within' ? bytes.subarray(0, bytes.length >> 1) : undefined
        cuts.push({ ...cutting, isInLiteral: half !== undefined && /\{\d+\}\r\n./s.test(half.toString('latin1')) })
        cutting = undefined
        return half ? client.write(half, end) : end()
      }
      if (idles === 'yes' && isMuffled) return
      if (idles === 'asked') idles = 'yes'
      client.write(bytes)
    })
    client.on('data', (bytes) => {
      if (silent.has(client)) return
      const command = nameOf(bytes.toString('latin1'))
      commands.push(command)
      idles = command === 'IDLE' ? 'asked' : 'no'
      if (isNow(command) && armed) {
        const { cut } = armed
        armed = undefined
        if (cut === 'before') {
          cuts.push({ command, cut, isInLiteral: false })
          return end()
        }
        cutting = { command, cut }
      }
      behind.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    commands,
    cuts,
    cutAt: (command, cut = 'before') => (armed = { command, cut }),
    silence: () => {
      for (const socket of sockets) silent.add(socket)
    },
    muffle: () => (isMuffled = true),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** Without its tag and what belongs to it; a password is never kept. */
function nameOf(line: string): string {
  const [, uid = '', verb] = /^\S+ (UID )?([A-Z]+)\b/.exec(line) ?? []
  return verb === undefined ? (/^DONE\r/.test(line) ? 'DONE' : 'more') : `${uid}${verb}`
}
