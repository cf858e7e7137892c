/* Loaded into local-slack before it starts. It can only listen on all interfaces; here it gets a Unix socket instead. */
const { Bun } = globalThis
const serve = Bun.serve

Bun.serve = ({ port, ...options }) => {
  const server = serve({ ...options, unix: process.env.SLACK_PEER_SOCKET })
  // The addresses it gives out carry this port: the one on which the peer listens before it.
  Object.defineProperty(server, 'port', { value: port })
  return server
}

// Its other end is held by the test: however that ends, nobody is left behind.
process.stdin.on('end', () => process.exit(0)).resume()
