import type { IncomingFile } from '../chat/message.ts'
import { cut } from '../cut.ts'
import { type Field, TAKES } from '../jobs/forms.ts'
import { type Json, type JsonObject, setField } from '../json.ts'
import { checkValue, coerceText } from '../schema-check.ts'
import type { Answer, Answers, FormTerms } from './form.ts'

const TYPED_MAX = 100_000

/** What somebody typed for a field. */
export function readTyped(field: Field, text: string, terms: FormTerms): Answer {
  const value = coerceText(field.schema, valueLabelled(field, text, terms) ?? text)
  if (value === undefined)
    return { wrong: cut(text, TYPED_MAX), problem: `This takes ${TAKES[field.type ?? 'string']}.` }
  return readValue(field, value)
}

/** What was given as a value; text for a field that wants something else is taken as typed. */
export function readGiven(field: Field, value: Json, terms: FormTerms): Answer {
  const isTyped = typeof value === 'string' && field.type !== 'string'
  return isTyped ? readTyped(field, value, terms) : readValue(field, value)
}

function readValue(field: Field, value: Json): Answer {
  const [problem] = checkValue(field.schema, value)
  if (!problem) return { value }
  const where = problem.path === '' ? 'This' : problem.path
  return {
    wrong: cut(typeof value === 'string' ? value : JSON.stringify(value), TYPED_MAX),
    problem: `${where} ${problem.message}.`,
  }
}

/** A file stands for the text in it. */
export function readFile(field: Field, file: IncomingFile): Answer {
  if (field.type === 'string' && !field.enum) return { file }
  return { wrong: file.name, problem: `This takes ${TAKES[field.type ?? 'string']}, and no file.` }
}

/** A choice may be given by how it reads. */
function valueLabelled({ name }: Field, text: string, { labels }: FormTerms): string | undefined {
  const wanted = text.trim().toLowerCase()
  return Object.entries(labels?.[name] ?? {}).find(([, label]) => label.toLowerCase() === wanted)?.[0]
}

/** What was given so far, without what is wrong or left out; files stand apart, their text is read when it is sent. */
export function valuesOf(answers: Answers): { values: JsonObject; files: Map<string, IncomingFile> } {
  const values: JsonObject = {}
  const files = new Map<string, IncomingFile>()
  for (const [name, given] of Object.entries(answers)) {
    if ('file' in given) files.set(name, given.file)
    else if ('value' in given) setField(values, name, given.value)
  }
  return { values, files }
}

/** As it was typed, or would be. */
export function typed(value: Json): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
