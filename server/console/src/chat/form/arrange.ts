import type { Button, FormPart, Part } from '#core/chat/message.ts'

/** A form with the buttons that stand beside its own. */
export type ShownForm = FormPart & { buttons: Button[] }

/**
 * The parts of a message as they are shown: a form takes in the buttons, and the one that says the same as its own is
 * its own.
 */
export function arrange(parts: Part[]): (Part | ShownForm)[] {
  const form = parts.find((part) => part.type === 'form')
  if (!form) return parts
  const buttons = parts
    .flatMap((part) => (part.type === 'buttons' ? part.buttons : []))
    .filter(({ label }) => label !== form.submitLabel)
  return parts.flatMap((part) => (part === form ? [{ ...form, buttons }] : part.type === 'buttons' ? [] : [part]))
}
