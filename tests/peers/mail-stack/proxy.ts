import { connect, createServer, type Socket } from 'node:net'

/** Stands between a client and its IMAP server, and breaks off, or goes silent, when it is told to. */
export interface CuttingProxy {
  port: number
  /** Lines that clients have sent so far. */
  commands: string[]
  /** Breaks the connection when this command (by its place, counted anew) was sent. */
  cutAt(place: number): void
  /** Lets nothing through any more, and says nothing of it. */
  silence(): void
  close(): Promise<void>
}

export async function openProxy(target: number): Promise<CuttingProxy> {
  const commands: string[] = []
  const sockets = new Set<Socket>()
  let left = Number.POSITIVE_INFINITY
  const silent = new WeakSet<Socket>()
  const server = createServer((client) => {
    const behind = connect(target, '127.0.0.1')
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
      if (!silent.has(client)) client.write(bytes)
    })
    client.on('data', (bytes) => {
      if (silent.has(client)) return
      commands.push(
        bytes
          .toString('latin1')
          .trim()
          .replace(/^\S+ (LOGIN|AUTHENTICATE).*/s, '$1'),
      )
      if (--left === 0) return end()
      behind.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    commands,
    cutAt: (place) => (left = place),
    silence: () => {
      for (const socket of sockets) silent.add(socket)
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
