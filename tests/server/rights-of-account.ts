import { createApiKey } from '#core/accounts/api-keys.ts'
import { type Scene, withRun } from './rights-scene.ts'
import { anyone, type Question, question, reads } from './rights-table.ts'

const BOUNDARY = 'between-the-parts-of-the-matrix'
const upload = {
  raw: `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nx\r\n--${BOUNDARY}--\r\n`,
  type: `multipart/form-data; boundary=${BOUNDARY}`,
}

let addresses = 0
/** Codes may be tried five times a minute from one address. */
const codeWith = (path: string) => ({
  path,
  json: { code: 'wrong', ...(path === '/v1/auth/link' ? {} : { handle: 'somebody' }) },
  headers: { 'X-Forwarded-For': `192.0.2.${++addresses}` },
})
/** Who comes in may have a key with them that is over: that is why they come. */
const tried = (status: number) => ({ ...anyone(status), nobody: status, expired: status })

/** In the team's name. */
async function uploaded({ api, people, inTeam }: Scene): Promise<string> {
  return (await api.call(people.owner, 'POST', '/v1/artifacts', { ...upload, ...inTeam })).body.id
}

const SIGN_IN: Question[] = [
  // There is an account, so there is nothing to claim; and an unknown code is an unknown code.
  question('POST /v1/auth/claim', tried(409), () => codeWith('/v1/auth/claim')),
  question('POST /v1/auth/join', tried(404), () => codeWith('/v1/auth/join')),
  question('POST /v1/auth/link', tried(404), () => codeWith('/v1/auth/link')),
  question('POST /v1/auth/register', tried(403), () => ({
    ...codeWith('/v1/auth/register'),
    json: { handle: 'somebody', password: 'correct horse battery' },
  })),
  // Tries are counted for a name, wherever they come from: each says another one.
  question('POST /v1/auth/login', tried(401), (_, role) => ({
    ...codeWith('/v1/auth/login'),
    json: { handle: `somebody-${role}`, password: 'wrong' },
  })),
  question('POST /v1/auth/refresh', tried(401), () => ({ path: '/v1/auth/refresh', json: { refreshToken: 'wrong' } })),
  // No mail can be sent here, and Google is not asked.
  question('POST /v1/auth/magic-link', tried(400), (_, role) => ({
    ...codeWith('/v1/auth/magic-link'),
    json: { email: `${role}@example.org` },
  })),
  question('POST /v1/auth/magic-link/redeem', tried(404), () => ({
    ...codeWith('/v1/auth/magic-link/redeem'),
    json: { code: 'wrong' },
  })),
  question('POST /v1/auth/password/forgot', tried(400), (_, role) => ({
    ...codeWith('/v1/auth/password/forgot'),
    json: { email: `${role}@example.org` },
  })),
  question('POST /v1/auth/password/reset', tried(404), () => ({
    ...codeWith('/v1/auth/password/reset'),
    json: { code: 'wrong', password: 'correct horse battery' },
  })),
  question('GET /v1/auth/google', tried(404), () => ({ path: '/v1/auth/google' })),
  question('GET /v1/auth/google/callback', tried(404), () => ({ path: '/v1/auth/google/callback' })),
  question('POST /v1/auth/logout', { ...tried(400), nobody: 204, expired: 204 }, () => ({ path: '/v1/auth/logout' })),
]

/** Only people themselves, signed in: of those who ask here with keys nobody. */
const WAYS_IN: Question[] = [
  question('GET /v1/auth/methods', tried(200), () => ({ path: '/v1/auth/methods' })),
  question('GET /v1/auth/password', anyone(403), () => ({ path: '/v1/auth/password' })),
  question('POST /v1/auth/password/change', anyone(403), () => ({
    path: '/v1/auth/password/change',
    json: { password: 'correct horse battery' },
  })),
  question('POST /v1/auth/email', anyone(403), () => ({ path: '/v1/auth/email', json: { email: 'a@example.org' } })),
  question('POST /v1/auth/email/verify', anyone(403), () => ({ path: '/v1/auth/email/verify', json: { code: 'x' } })),
  question('GET /v1/auth/sessions', anyone(403), () => ({ path: '/v1/auth/sessions' })),
  question('DELETE /v1/auth/sessions', anyone(403), () => ({ path: '/v1/auth/sessions' })),
  question('DELETE /v1/auth/sessions/:id', anyone(403), () => ({ path: '/v1/auth/sessions/ses_1' })),
]

const ACCOUNT: Question[] = [
  question('GET /v1/me', anyone(200), () => ({ path: '/v1/me' })),
  question('GET /v1/api-keys', anyone(200), () => ({ path: '/v1/api-keys' })),
  question('POST /v1/api-keys', anyone(201, 403), () => ({ path: '/v1/api-keys', json: { name: 'another' } })),
  question('DELETE /v1/api-keys/:id', { ...anyone(404, 403), owner: 204 }, async ({ api, people }) => {
    const wanted = { name: 'old', scopes: [], expiresAtMs: null }
    return { path: `/v1/api-keys/${(await createApiKey(api.core, people.owner.accountId, wanted)).id}` }
  }),
]

const FILES: Question[] = [
  question('POST /v1/artifacts', anyone(201, 403), () => ({ path: '/v1/artifacts', ...upload })),
  question('GET /v1/artifacts', reads(), async (scene) => ({ path: `/v1/artifacts?runId=${await withRun(scene)}` })),
  question('GET /v1/artifacts/:id', reads(), async (scene) => ({ path: `/v1/artifacts/${await uploaded(scene)}` })),
]

/** In chat a person can do everything, so a key that may not is none there. */
const speakers = (status: number) => anyone(status, 403)

const CHAT: Question[] = [
  question('GET /v1/chat/commands', anyone(200), () => ({ path: '/v1/chat/commands' })),
  question('GET /v1/chat/messages', speakers(200), () => ({ path: '/v1/chat/messages' })),
  question('POST /v1/chat/messages', speakers(200), () => ({ path: '/v1/chat/messages', json: { text: '/whoami' } })),
  question('GET /v1/chat/forms/:formId', speakers(404), () => ({ path: '/v1/chat/forms/frm_x' })),
  question('PUT /v1/chat/forms/:formId', speakers(404), () => ({ path: '/v1/chat/forms/frm_x', json: {} })),
  question('GET /v1/chat/stream', speakers(200), () => ({ path: '/v1/chat/stream' })),
]

/** What is about oneself, whoever one is in a team. */
export const ACCOUNT_QUESTIONS: readonly Question[] = [...SIGN_IN, ...WAYS_IN, ...ACCOUNT, ...FILES, ...CHAT]
