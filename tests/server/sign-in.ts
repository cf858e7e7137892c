import type { Answer, Api, Request } from './api.ts'

/** Somebody at a browser of theirs: keeps cookies, and says where its requests come from. */
export class Browser {
  readonly #api: Api
  readonly cookies = new Map<string, string>()

  constructor(api: Api) {
    this.#api = api
  }

  async call(method: string, path: string, { headers, ...request }: Request = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const sent = { ...(cookie ? { Cookie: cookie } : {}), 'Sec-Fetch-Site': 'same-origin', ...headers }
    const answer = await this.#api.call(undefined, method, path, { ...request, headers: sent })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return answer
  }

  post = (path: string, json: object = {}): Promise<Answer> => this.call('POST', `/v1/auth${path}`, { json })

  /** Whose browser it is; the status where nobody is signed in. */
  async whoami(): Promise<string | number> {
    const { status, body } = await this.call('GET', '/v1/me')
    return status === 200 ? body.handle : status
  }
}
