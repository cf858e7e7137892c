import type { IncomingFile } from '#core/chat/message.ts'
import { AppError, type Problem } from '#core/errors.ts'
import { type Field, fieldsOf, TAKES } from '#core/jobs/forms.ts'
import { type JsonObject, setField } from '#core/json.ts'
import { coerceText } from '#core/schema-check.ts'
import type { UserCall } from '../command.ts'
import { bindInputs } from '../grammar/inputs.ts'
import type { CommandLine } from '../grammar/line.ts'
import { shown } from '../grammar/values.ts'
import { explainProblems } from '../usage.ts'
import { lineFields, primaryOf, usageOf } from './fields.ts'
import type { JobTarget } from './target.ts'
import { textOfFile } from './text-file.ts'

export interface GivenInputs {
  inputs: JsonObject
  /** Required ones that nobody gave, in the order of the schema. */
  missing: Field[]
}

/**
 * The inputs of a job as they were given: by name, as free text, by the message that was answered or the file that came
 * with it, made what the schema asks for. Refused (`bad_input`) with every problem and the usage.
 */
export async function readInputs(call: UserCall, line: CommandLine, job: JobTarget): Promise<GivenInputs> {
  const fields = fieldsOf(job.definition)
  const primary = primaryOf(fields)
  const { values, problems } = bindInputs(line, lineFields(fields), primary)
  if (problems.length === 0) await fillFromMessage(call, values, fields)
  const inputs: JsonObject = {}
  for (const [name, text] of values) {
    const field = fields.find((candidate) => candidate.name === name)
    const value = field && coerceText(field.schema, text)
    if (value === undefined) problems.push(unfit(name, field, text))
    else setField(inputs, name, value)
  }
  if (problems.length > 0) {
    const message = explainProblems(problems, usageOf(job.command, job.definition))
    throw new AppError('bad_input', message, { problems })
  }
  return { inputs, missing: fields.filter(({ name, required }) => required && !values.has(name)) }
}

/** A file goes to the input that asks for one, else to the primary one; the text that was answered to the primary one. */
async function fillFromMessage(call: UserCall, values: Map<string, string>, fields: readonly Field[]): Promise<void> {
  const { files, replyTo } = call.incoming
  const primary = primaryOf(fields)
  const forFile = fields.find(({ isFile, name }) => isFile && !values.has(name))?.name ?? primary
  const [own, another] = files
  if (own) {
    if (another) throw new AppError('bad_input', 'One file at a time: I would not know which is for what.')
    if (forFile === undefined) throw new AppError('bad_input', 'This job takes no file.')
    if (values.has(forFile)) {
      throw new AppError('bad_input', `${forFile} is given twice: in your message and by the file ${own.name}.`)
    }
    values.set(forFile, await textOf(call, own))
  }
  if (!replyTo) return
  const [answered] = replyTo.files ?? []
  if (answered && forFile !== undefined && !values.has(forFile)) values.set(forFile, await textOf(call, answered))
  if (replyTo.text && primary !== undefined && !values.has(primary)) values.set(primary, replyTo.text)
}

const textOf = async (call: UserCall, file: IncomingFile): Promise<string> => textOfFile(call, file)

function unfit(name: string, field: Field | undefined, text: string): Problem {
  const type = field?.type
  const wanted = type === undefined ? 'something else' : TAKES[type]
  return { path: name, message: `${name} takes ${wanted}, not ${shown(text)}.` }
}
