/** A person's way to the HTTP API: a key, or the cookie of a console session. */
export interface Client {
  url: string
  call(method: string, path: string, request?: { json?: unknown; form?: FormData; once?: string }): Promise<Answer>
  fetch(path: string, init?: RequestInit): Promise<Response>
}

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: what comes back is looked at field by field
  body: any
}

export function client(url: string, credentials: { key: string } | { cookie: string }): Client {
  const signed: Record<string, string> =
    'key' in credentials
      ? { Authorization: `Bearer ${credentials.key}` }
      : { Cookie: credentials.cookie, 'Sec-Fetch-Site': 'same-origin' }
  const fetchSigned = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}${path}`, { ...init, headers: { ...(init.headers as Record<string, string>), ...signed } })
  return {
    url,
    fetch: fetchSigned,
    async call(method, path, { json, form, once } = {}) {
      const headers = {
        ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(once === undefined ? {} : { 'Idempotency-Key': once }),
      }
      const body = form ?? (json === undefined ? null : JSON.stringify(json))
      const response = await fetchSigned(path, { method, headers, body })
      const text = await response.text()
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
    },
  }
}

/** Signs in to the console by a code: the claim's, or that of the link which /console gives. */
export async function signIn(url: string, path: '/v1/auth/claim' | '/v1/auth/link', body: object): Promise<Client> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`Signing in was refused: ${response.status} ${await response.text()}`)
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
  return client(url, { cookie })
}
