import { serve } from '#tests/core/outbound/listener.ts'

/** Somebody outside who writes down what reaches them. */
export interface Counter {
  url: string
  host: string
  /** `POST /posts {"text":"…"}`, in the order in which they came. */
  requests: string[]
  close(): Promise<void>
}

export async function startCounter(): Promise<Counter> {
  const requests: string[] = []
  const server = await serve((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      requests.push(`${request.method} ${request.url} ${body}`)
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"ok":true}')
    })
  })
  return { ...server, requests }
}
