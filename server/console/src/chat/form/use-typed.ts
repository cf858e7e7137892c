import { useEffect, useRef, useState } from 'react'
import type { FormPart } from '#core/chat/message.ts'
import { readTyped, writeTyped } from './drafts.ts'
import type { Typed } from './values.ts'

/**
 * What was typed into a form here. It stands before what the server says, so that nothing changes under the fingers,
 * until the server has something that came from elsewhere (an answer in the composer, another device).
 */
export function useTyped(form: FormPart) {
  const { formId, fields } = form
  const [typed, setTyped] = useState<Typed>(() => readTyped(formId))
  /** As far as the server has it. */
  const [kept, setKept] = useState<Typed>({})
  /** What the server had or was sent, of what was typed here: seen again, it is no news. */
  const seen = useRef(new Map<string, Set<string>>())

  const unkept = Object.fromEntries(Object.entries(typed).filter(([name, value]) => kept[name] !== value))
  const unkeptText = JSON.stringify(unkept)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text says when it changed
  useEffect(() => writeTyped(formId, withoutFiles(form, unkept)), [formId, unkeptText])

  // biome-ignore lint/correctness/useExhaustiveDependencies: looks only when the server's form changed
  useEffect(() => {
    const foreign = fields.filter(({ name, value }) => {
      const isSettled = name in typed && kept[name] === typed[name]
      return isSettled && !seen.current.get(name)?.has(value ?? '')
    })
    if (foreign.length === 0) return
    const names = new Set(foreign.map(({ name }) => name))
    setTyped((all) => Object.fromEntries(Object.entries(all).filter(([name]) => !names.has(name))))
  }, [fields])

  const change = (name: string, value: string): void => setTyped((all) => ({ ...all, [name]: value }))
  /** These go to the server now. */
  const going = (values: Typed): void => {
    for (const [name, value] of Object.entries(values)) {
      const had = fields.find((field) => field.name === name)?.value ?? ''
      seen.current.set(name, (seen.current.get(name) ?? new Set([had])).add(value))
    }
  }
  const arrived = (values: Typed): void => setKept((all) => ({ ...all, ...values }))
  return { typed, unkept, change, going, arrived }
}

/** Of a file only its name is here; after a reload that would be a file without one. */
const withoutFiles = ({ fields }: FormPart, typed: Typed): Typed =>
  Object.fromEntries(Object.entries(typed).filter(([name]) => fields.find((one) => one.name === name)?.kind !== 'file'))
