import { isJsonObject, type Json, type JsonObject } from '#core/json.ts'
import { ToolError } from '../tool.ts'
import type { LoggedCommit } from './commit.ts'

const HASH_NAMES = ['hash', 'commit', 'sha', 'id', 'oid', 'abbreviated_commit']
const SUBJECT_NAMES = ['subject', 'message', 'title']

/** Commits from JSON lines or one JSON list of objects; undefined when the text is not JSON. Throws for a broken line. */
export function readJsonCommits(text: string): LoggedCommit[] | undefined {
  const trimmed = text.trim()
  if (trimmed.startsWith('[')) {
    const list = parsed(trimmed)
    return Array.isArray(list) ? list.map((item, index) => toCommit(item, `Entry ${index + 1}`)) : undefined
  }
  if (!trimmed.startsWith('{')) return undefined
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const value = parsed(line)
    if (value === undefined) throw new ToolError('bad_input', `Line ${index + 1} is not valid JSON.`)
    return [toCommit(value, `Line ${index + 1}`)]
  })
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function toCommit(value: Json, where: string): LoggedCommit {
  if (!isJsonObject(value)) throw new ToolError('bad_input', `${where} is not an object with a "subject" or "message".`)
  // GitHub's API has the message one level down.
  const inner = isJsonObject(value.commit) ? value.commit : value
  const subject = textOf(inner, SUBJECT_NAMES)
  if (subject === undefined) throw new ToolError('bad_input', `${where} has no "subject" or "message".`)
  const hash = textOf(value, HASH_NAMES)?.toLowerCase()
  const parents = value.parents
  return {
    ...(hash !== undefined && /^[0-9a-f]{4,64}$/.test(hash) ? { hash } : {}),
    message: [subject, textOf(inner, ['body'])].filter(Boolean).join('\n\n').trim(),
    isMerge: Array.isArray(parents) ? parents.length > 1 : typeof parents === 'string' && parents.trim().includes(' '),
  }
}

function textOf(object: JsonObject, names: string[]): string | undefined {
  return names.map((name) => object[name]).find((value) => typeof value === 'string')
}
