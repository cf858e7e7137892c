/** A call to the world outside. What it may reach is decided by the client, not by whoever asks. */
export interface OutboundRequest {
  method: string
  /** http or https, without user and password. */
  url: string
  headers?: Readonly<Record<string, string>>
  body?: string
  /** For everything together: the redirects, the connection, the answer to its last byte. */
  timeoutMs: number
  /** Of the answer, unpacked. What comes after is not read. */
  maxResponseBytes: number
  signal?: AbortSignal
}

export interface OutboundResponse {
  status: number
  /** Names in lower case; what came several times is joined by commas. */
  headers: Record<string, string>
  body: Uint8Array
  /** The answer was longer than was allowed and is cut. */
  isCut: boolean
}

/** An answer that is read while it comes. */
export interface OutboundStream {
  status: number
  headers: Record<string, string>
  /** Ends or throws an OutboundError. Whoever stops reading ends the connection. */
  body: AsyncIterable<Uint8Array>
}

/** A look whether a mail server takes a user and a password. Nothing is sent. */
export interface MailProbe {
  /** `smtps://host` begins encrypted, `smtp://host` becomes so before the password is said. */
  url: string
  user: string
  password: string
  timeoutMs: number
}

/** What the server said to it, or in its greeting when all is well. Any code of an error is an answer. */
export interface MailAnswer {
  outcome: 'ok' | 'auth_failed' | 'provider_5xx' | 'bad_response' | 'tls'
  said: string
}

/** The only way out of the program for what people, teams and jobs ask to be called. */
export interface Outbound {
  /** Rejects with an OutboundError and nothing else. Any status is an answer. */
  request(request: OutboundRequest): Promise<OutboundResponse>
  /**
   * The same for an answer that comes bit by bit, and may be looked at as it comes. Its limits are for the whole of it;
   * more bytes than were allowed are an error, and no redirect is followed.
   */
  open(request: OutboundRequest): Promise<OutboundStream>
  /** Looks whether a mail server takes a password. Rejects with an OutboundError and nothing else. */
  probeMail(probe: MailProbe): Promise<MailAnswer>
  close(): Promise<void>
}

/** refused: we do not go there. network: no connection, or it broke. aborted: the caller wanted no more of it. */
export type OutboundErrorKind = 'refused' | 'timeout' | 'network' | 'aborted' | 'unknown'

/** Why there is no answer, in a sentence that may be shown. It never says what was found at a refused address. */
export class OutboundError extends Error {
  readonly kind: OutboundErrorKind

  constructor(kind: OutboundErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'OutboundError'
    this.kind = kind
  }
}
