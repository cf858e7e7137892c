import { isJsonObject, type Json } from '../json.ts'
import { readPath } from '../json-path.ts'
import type { OutboundResponse } from '../outbound/outbound.ts'
import type { ConnectionSettings, ProviderKind } from './connection.ts'

/** How a provider is asked whether it takes a secret, at no cost, and where its answer says what it is. */
export interface Probe {
  path: string
  headers: Record<string, string>
  /** Whether this is what such a provider answers; undefined takes anything that is no error. */
  isAnswer?(said: Json | undefined): boolean
  versionIn(answer: Pick<OutboundResponse, 'headers'>, said: Json | undefined): string | null
}

const ANTHROPIC_VERSION = '2023-06-01'
const header =
  (...names: string[]) =>
  ({ headers }: Pick<OutboundResponse, 'headers'>): string | null =>
    names.map((name) => headers[name]).find((value) => value !== undefined) ?? null
const has =
  (path: string) =>
  (said: Json | undefined): boolean =>
    said !== undefined && readPath(said, path) !== undefined

/** `model`: also whether there is such a model. */
export function probeFor(provider: Exclude<ProviderKind, 'smtp'>, settings: ConnectionSettings, model?: string): Probe {
  const models = model === undefined ? '/models' : `/models/${encodeURIComponent(model)}`
  switch (provider) {
    case 'openai':
    case 'openai_compatible':
      return {
        path: models,
        headers: {},
        isAnswer: has(model === undefined ? 'data' : 'id'),
        versionIn: header('openai-version', 'x-version', 'server'),
      }
    case 'anthropic':
      return {
        path: models,
        headers: { 'anthropic-version': ANTHROPIC_VERSION },
        isAnswer: has(model === undefined ? 'data' : 'id'),
        versionIn: (answer) => header('anthropic-version')(answer) ?? ANTHROPIC_VERSION,
      }
    case 'google':
      return {
        path: models,
        headers: {},
        isAnswer: has(model === undefined ? 'models' : 'name'),
        // The version is a part of the address.
        versionIn: () => /\/(v\d\w*)$/.exec(settings.baseUrl)?.[1] ?? null,
      }
    case 'google_workspace':
      return { path: '/oauth2/v2/userinfo', headers: {}, isAnswer: has('id'), versionIn: () => 'v2' }
    case 'http':
    case 'custom':
      return {
        path: settings.testPath ?? '',
        headers: {},
        versionIn: (answer, said) =>
          header('x-api-version', 'api-version', 'x-version')(answer) ??
          (isJsonObject(said) && typeof said.version === 'string' ? said.version : header('server')(answer)),
      }
  }
}
