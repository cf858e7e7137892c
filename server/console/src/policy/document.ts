import type { PolicyDocument } from './api.ts'

/** The parts of a policy that have a field. */
export interface Typed {
  model: string
  effort: string
  mostTokens: string
  onDisallowed: string
  onNoConnection: string
  mock: string
  allowed: string
  fallbacks: string
  cheaper: string
}

export const typedOf = (document: PolicyDocument): Typed => ({
  model: document.default?.model ?? '',
  effort: document.default?.effort ?? '',
  mostTokens: String(document.most?.maxTokens ?? ''),
  onDisallowed: document.onDisallowed ?? '',
  onNoConnection: document.onNoConnection ?? '',
  mock: document.mock === undefined ? '' : document.mock ? 'on' : 'off',
  allowed: (document.allowed ?? []).join('\n'),
  fallbacks: (document.fallbacks ?? []).join('\n'),
  cheaper: (document.cheaper ?? []).join('\n'),
})

/** The same document with what was typed; parts without a field stay, and an empty field is a part that is left out. */
export function documentOf(before: PolicyDocument, typed: Typed): PolicyDocument {
  const after: Record<string, unknown> = { ...before }
  const set = (part: keyof PolicyDocument, value: unknown): void => {
    if (value === undefined) delete after[part]
    else after[part] = value
  }
  const { effort: _, ...kept } = before.default ?? { model: '' }
  const effort = typed.effort === '' ? {} : { effort: typed.effort }
  set('default', typed.model === '' ? undefined : { ...kept, model: typed.model, ...effort })
  const { maxTokens: __, ...most } = before.most ?? {}
  const tokens = typed.mostTokens.trim()
  const maxTokens = tokens === '' ? {} : { maxTokens: Number(tokens) }
  set('most', Object.keys({ ...most, ...maxTokens }).length === 0 ? undefined : { ...most, ...maxTokens })
  set('onDisallowed', typed.onDisallowed || undefined)
  set('onNoConnection', typed.onNoConnection || undefined)
  set('mock', typed.mock === '' ? undefined : typed.mock === 'on')
  for (const part of ['allowed', 'fallbacks', 'cheaper'] as const) {
    const lines = linesOf(typed[part])
    set(part, lines.length === 0 ? undefined : lines)
  }
  return after as PolicyDocument
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
