import { findConnection, noteTest } from '#db/connections.ts'
import type { ConnectionTable } from '#db/schema.ts'
import type { Actor } from '../actor.ts'
import { contextKey } from '../context.ts'
import type { Core } from '../core.ts'
import { cut } from '../cut.ts'
import { AppError, notFound } from '../errors.ts'
import { appendEvents } from '../events/append.ts'
import { OutboundError } from '../outbound/outbound.ts'
import { jsonOf, textOf } from '../tools/http-call.ts'
import { requireOwner } from './access.ts'
import { classifyAnswer, classifyFailure, sentenceFor, type TestErrorCode } from './classify.ts'
import { INSTANCE, type ProviderKind, placeOf, settingsOf } from './connection.ts'
import { type Credential, guardingSecrets } from './credential.ts'
import { environmentConnection, environmentSettings } from './environment.ts'
import { probeFor } from './probe.ts'
import { connectionEvent } from './save.ts'
import { scrubberFor } from './scrub.ts'
import { SealError, unseal } from './seal.ts'
import type { TestResult } from './view.ts'

/** With what comes before and after it a test stays below ten seconds. */
const TIMEOUT_MS = 9_000
const ANSWER_BYTES_MAX = 1024 * 1024
const SAID_MAX_CHARACTERS = 200

type Needs = Pick<Core, 'db' | 'clock' | 'settings' | 'outbound'>

/**
 * Asks the provider, at the connection's own address, whether it takes the secret, and keeps what came of it. Costs nothing
 * there. Each time it asks again.
 */
export async function testConnection(
  core: Needs,
  actor: Actor,
  { id, model }: { id: string; model?: string | undefined },
): Promise<TestResult> {
  const { row, credential, isStored } = await connectionToTest(core, actor, id)
  const startedMs = core.clock.nowMs()
  const found = await ask(core, row.provider as ProviderKind, credential, model)
  const result: TestResult = { ...found, provider: row.provider, latencyMs: core.clock.nowMs() - startedMs }
  const nowMs = core.clock.nowMs()
  await core.db.write(async function noteConnectionTest(tx) {
    const noted = { id: row.id, version: row.version, testJson: JSON.stringify(result), nowMs }
    // Its secret was replaced meanwhile: this was another's test.
    if (isStored && (await noteTest.run(tx, noted)) === 0) return
    const event = connectionEvent(actor, 'connection.tested', row)
    const outcome = result.ok ? 'ok' : result.error.code
    await appendEvents(tx, nowMs, [{ ...event, details: { ...event.details, outcome } }])
  })
  return result
}

interface Tested {
  row: Pick<ConnectionTable, 'id' | 'context' | 'name' | 'provider' | 'version'>
  credential: Credential
  /** What comes of it is kept; of one from the environment nothing is. */
  isStored: boolean
}

async function connectionToTest(core: Needs, actor: Actor, id: string): Promise<Tested> {
  const context = contextKey(actor.context)
  const row = await findConnection.first(core.db, { context, instance: INSTANCE, id })
  const given = row ? undefined : environmentConnection(core.settings, id)
  await requireOwner(core.db, actor, row?.context ?? (given ? INSTANCE : context))
  if (row) {
    const credential = { name: row.name, settings: settingsOf(row), secret: secretIn(core, row) }
    return { row, credential, isStored: true }
  }
  if (!given) throw notFound('such connection')
  const { provider, secret } = given
  return {
    row: { id: given.id, context: INSTANCE, name: given.id, provider, version: 1 },
    credential: { name: given.id, settings: environmentSettings(given), secret },
    isStored: false,
  }
}

function secretIn({ settings }: Needs, row: ConnectionTable): string {
  try {
    return unseal(settings.keyring, placeOf(row), row.sealed)
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    throw new AppError('conflict', 'Its secret cannot be read with the keys of this instance. Enter it again.')
  }
}

type Found = { ok: true; version: string | null } | { ok: false; error: { code: TestErrorCode; message: string } }

async function ask(core: Needs, provider: ProviderKind, credential: Credential, model?: string): Promise<Found> {
  try {
    if (provider === 'smtp') return await askMail(core, credential)
    const { baseUrl } = credential.settings
    const { path, headers, isAnswer, versionIn } = probeFor(provider, credential.settings, model)
    const answer = await guardingSecrets(core.outbound, { credential, secrets: [] }).request({
      method: 'GET',
      url: `${baseUrl}${path}`,
      headers: { Accept: 'application/json', ...headers },
      timeoutMs: TIMEOUT_MS,
      maxResponseBytes: ANSWER_BYTES_MAX,
    })
    const text = textOf(answer)
    const code = classifyAnswer(answer, text, model !== undefined)
    if (code !== undefined) return failed(code, `It answered ${answer.status}${quoted(text)}.`)
    const said = jsonOf(answer)
    if (isAnswer && !isAnswer(said)) return failed('bad_response', `It answered ${answer.status}${quoted(text)}.`)
    return { ok: true, version: cutOrNull(versionIn(answer, said)) }
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return failed(classifyFailure(error), error.message)
  }
}

async function askMail(core: Needs, { settings, secret }: Credential): Promise<Found> {
  const scrub = scrubberFor([secret])
  const user = settings.auth.type === 'basic' ? settings.auth.user : ''
  const mail = await core.outbound.probeMail({ url: settings.baseUrl, user, password: secret, timeoutMs: TIMEOUT_MS })
  const said = scrub.text(mail.said)
  if (mail.outcome === 'ok') return { ok: true, version: cutOrNull(said) }
  return failed(mail.outcome, `It answered${quoted(said)}.`)
}

const failed = (code: TestErrorCode, said: string): Found => ({
  ok: false,
  error: { code, message: `${sentenceFor(code)} ${said}` },
})

function quoted(text: string): string {
  const said = cut(text.replaceAll(/\s+/g, ' ').trim(), SAID_MAX_CHARACTERS)
  return said === '' ? '' : `: ${said.replace(/\.$/, '')}`
}

const cutOrNull = (text: string | null): string | null => (text === null ? null : cut(text, SAID_MAX_CHARACTERS))
