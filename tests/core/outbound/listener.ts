import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'

/** Something that listens where nobody may go, and counts who came. */
export interface Listener {
  port: number
  connections(): number
  close(): Promise<void>
}

/** On loopback, IPv4 and IPv6 where the machine has it. */
export async function listenPrivately(): Promise<Listener> {
  let connections = 0
  const open = (host: string, port: number): Promise<Server | undefined> =>
    new Promise((resolve) => {
      const server = createServer((socket) => {
        connections++
        socket.destroy()
      })
      server.once('error', () => resolve(undefined))
      server.listen(port, host, () => resolve(server))
    })
  const first = await open('127.0.0.1', 0)
  const address = first?.address()
  if (!first || typeof address !== 'object' || !address) throw new Error('Nothing can listen on loopback')
  const servers = [first, await open('::1', address.port)]
  return {
    port: address.port,
    connections: () => connections,
    close: async () => {
      await Promise.all(servers.map((server) => new Promise((done) => (server ? server.close(done) : done(null)))))
    },
  }
}

/** An HTTP server on loopback that a test allows. */
export async function serve(answer: RequestListener): Promise<{ url: string; host: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createHttp(answer)
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => done())
      }),
  }
}
