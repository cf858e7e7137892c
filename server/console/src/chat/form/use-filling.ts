import { useEffect, useRef, useState } from 'react'
import { ApiError, isSignedOut, newKey, sentenceOf } from '../../api/client.ts'
import { sessionMayHaveEnded } from '../../api/query-client.ts'
import type { Artifact, SendAnswer } from '../../api/types.ts'
import { post } from '../use-outbox.ts'
import { type Filled, keepForm } from './api.ts'
import type { ShownForm } from './arrange.ts'
import { isGoneError, useFormOfServer } from './use-form.ts'
import { useTyped } from './use-typed.ts'
import { shownIn, type Typed, valuesOf } from './values.ts'

type Problems = Record<string, string>

/** Everything about one form being filled in: what stands in it, what is wrong with it, keeping and sending it. */
export function useFilling(shown: ShownForm, onAnswer: (answer: SendAnswer) => void) {
  const { form, take, isOver, end } = useFormOfServer(shown)
  const { formId, fields } = form
  const { typed, unkept, change, going, arrived } = useTyped(form)
  /** What was wrong when it was sent, until it is checked again. */
  const [refused, setRefused] = useState<Problems>({})
  const [failure, setFailure] = useState<string>()
  const [state, setState] = useState<'open' | 'sending'>('open')
  const [refusals, setRefusals] = useState(0)
  const line = useRef(Promise.resolve())
  const uploads = useRef<Record<string, string>>({})
  const request = useRef({ body: '', key: '' })

  const failed = (error: unknown): void => {
    if (isSignedOut(error)) sessionMayHaveEnded()
    else if (isGoneError(error)) end()
    else setFailure(sentenceOf(error))
  }

  /** Keeps what is new, one after another, so that the last one stands. */
  const keep = (now: Typed = {}): void => {
    const values = { ...unkept, ...now }
    if (Object.keys(values).length === 0) return
    const files = filesOf(values)
    going(values)
    line.current = line.current.then(async () => {
      try {
        take(await keepForm(formId, { values: valuesOf(fields, values), ...files }))
        arrived(values)
        setFailure(undefined)
        setRefused((all) => Object.fromEntries(Object.entries(all).filter(([name]) => !(name in values))))
      } catch (error) {
        failed(error)
      }
    })
  }

  /** A file was uploaded for a field. */
  const attach = (name: string, file: Artifact): void => {
    uploads.current[name] = file.id
    change(name, file.name)
    keep({ [name]: file.name })
  }
  const filesOf = (values: Typed): { files?: Record<string, string> } => {
    const named = Object.entries(uploads.current).filter(([name]) => values[name])
    return named.length > 0 ? { files: Object.fromEntries(named) } : {}
  }

  const send = (): void => {
    if (state === 'sending') return
    setState('sending')
    setFailure(undefined)
    going(typed)
    line.current = line.current.then(async () => {
      try {
        onAnswer(await sendOnce({ formId, values: valuesOf(fields, typed), ...filesOf(typed) }))
        arrived(typed)
      } catch (error) {
        const problems = error instanceof ApiError && error.code === 'form_incomplete' ? error.problems : []
        if (problems.length > 0) {
          arrived(typed)
          setRefused(Object.fromEntries(problems.map(({ path, message }) => [path.split('.')[0] ?? path, message])))
          setRefusals((count) => count + 1)
        } else failed(error)
      }
      setState('open')
    })
  }

  /** The same again after a lost answer is the same request. */
  const sendOnce = (filled: Filled & { formId: string }): Promise<SendAnswer> => {
    const body = JSON.stringify(filled)
    if (request.current.body !== body) request.current = { body, key: newKey() }
    return post({ text: '', form: filled }, request.current.key)
  }

  // What a reload found in the tab's storage is kept as soon as possible.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the form is shown first
  useEffect(() => keep(), [])

  const problemOf = (name: string): string | undefined => {
    const field = fields.find((one) => one.name === name)
    if (refused[name] !== undefined) return refused[name]
    // What nobody has come to yet is not wrong.
    return field && shownIn(field, typed) !== '' ? field.problem : undefined
  }
  return {
    form,
    typed,
    change,
    keep,
    attach,
    send,
    problemOf,
    failure,
    isSending: state === 'sending',
    isOver,
    refusals,
  }
}
