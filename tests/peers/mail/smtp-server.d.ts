/** As much of the library as the tests use; it brings no types of its own. */
declare module 'smtp-server' {
  import type { Server } from 'node:net'
  import type { Readable } from 'node:stream'

  export class SMTPServer {
    constructor(options: {
      authOptional?: boolean
      disabledCommands?: string[]
      logger?: boolean
      onRcptTo?(address: { address: string }, session: unknown, done: (error?: Error) => void): void
      onData(stream: Readable, session: unknown, done: (error?: Error) => void): void
    })
    readonly server: Server
    on(event: 'error', heard: (error: Error) => void): this
    listen(port: number, host: string, listening: () => void): void
    close(closed: () => void): void
  }
}
